package capacity

import (
	"context"
	"fmt"
	"math"
	"testing"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/study"
)

// With FAISS's selection rule the graphs have the mean number of links of FAISS's graphs within 1, also at efConstruction
// 50, where no links are pruned on level 0, and their overlap at efSearch 50 and k = 100 within .01.
func TestConstructionIsFAISSConstruction(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		faiss := testkit.FAISSGraphs(t, peers)
		x, err := Run(context.Background(), study.Options{Embeddings: testkit.Points(t, testkit.Embeddings), Out: t.TempDir(), Subset: 1000})
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for _, r := range x.Construction {
			f, ok := faiss[r.EfConstruction]
			if !ok || r.M != study.M || r.Selection != fmt.Sprint(hnsw.SelectWhenFull) {
				continue
			}
			compared++
			for _, want := range f.Overlaps {
				if want.Ef == ComparedEfSearch && want.K == 100 && math.Abs(r.Overlap100-want.Overlap) > .01 {
					t.Errorf("efConstruction %d: overlap %.4f, FAISS %.4f", r.EfConstruction, r.Overlap100, want.Overlap)
				}
			}
			if t.Logf("%+v", r); math.Abs(r.MeanLinks-f.MeanLinks) > 1 {
				t.Errorf("efConstruction %d: %.2f links, FAISS %.2f", r.EfConstruction, r.MeanLinks, f.MeanLinks)
			}
		}
		if compared != 3 {
			t.Errorf("%d graphs compared", compared)
		}
	})
}
