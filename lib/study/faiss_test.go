package study

import (
	"context"
	"math"
	"testing"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/internal/testkit"
)

// photographs are embeddings of photographs, which are too large to be committed.
const photographs = "embeddings/imagenette96_resnet50-pqf.npy"

// On all of the committed points, condition 1 gives FAISS's overlap within .02 at every (k, efSearch). The levels of the
// 1,000 points differ, since each program draws its own.
func TestRunIsFAISSRun(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		faiss := testkit.FAISSGraphs(t, peers)[200]
		records, err := Run(context.Background(), Options{Embeddings: testkit.Points(t, testkit.Embeddings), Out: t.TempDir(), Runs: 1, Subset: 1000, Conditions: []string{"1"}})
		if err != nil {
			t.Fatal(err)
		}
		ours := map[[2]int]float64{}
		for _, r := range records {
			ours[[2]int{r.EfSearch, r.K}] = r.Of(fidelity.Overlap.Mean)
		}
		for _, f := range faiss.Overlaps {
			got, ok := ours[[2]int{f.Ef, f.K}]
			t.Logf("efSearch %d, k %d: overlap %.4f, FAISS %.4f", f.Ef, f.K, got, f.Overlap)
			if !ok || math.Abs(got-f.Overlap) > .02 {
				t.Errorf("efSearch %d, k %d: recorded is %v, overlap %.4f, FAISS %.4f", f.Ef, f.K, ok, got, f.Overlap)
			}
		}
		if len(faiss.Overlaps) != 20 {
			t.Errorf("%d overlaps of FAISS's", len(faiss.Overlaps))
		}
	})
}
