package study

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/testkit"
)

// photographs are embeddings of photographs, which are too large to be committed.
const photographs = "embeddings/imagenette96_resnet50-pqf.npy"

// faissGraph is what FAISS makes of the committed points: links on level 0 in the mean, and overlaps with exact search.
type faissGraph struct {
	EfConstruction int     `json:"ef_construction"`
	MeanLinks      float64 `json:"mean_links"`
	Overlaps       []struct {
		Ef, K   int
		Overlap float64
	}
}

// askFAISS asks for graphs with M = 32 and efConstruction 50, 200 and 400, searched at condition 1's efSearch.
func askFAISS(t *testing.T, peers testkit.Peers) map[int]faissGraph {
	t.Helper()
	var graphs []faissGraph
	answer := peers.Ask(t, testkit.Question{
		Name: "faiss_overlap", Folder: testkit.WithPoints(t, testkit.Embeddings), Script: "faiss_overlap.py", Same: true,
		Args: []string{testkit.Embeddings, "32", "50,200,400", "25,50,75,100", "10,50,100,200,500"},
	})
	if err := json.Unmarshal(answer, &graphs); err != nil {
		t.Fatal(err)
	}
	by := map[int]faissGraph{}
	for _, g := range graphs {
		by[g.EfConstruction] = g
	}
	return by
}

// On all of the committed points, condition 1 records FAISS's overlap within .02 at every (k, efSearch): the
// levels of 1,000 points are drawn by each for itself.
func TestRunIsFAISSRun(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		faiss := askFAISS(t, peers)[200]
		records, err := Run(context.Background(), Options{Embeddings: testkit.Points(t, testkit.Embeddings), Out: t.TempDir(), Runs: 1, Subset: 1000, Conditions: []string{"1"}})
		if err != nil {
			t.Fatal(err)
		}
		ours := map[[2]int]float64{}
		for _, r := range records {
			ours[[2]int{r.EfSearch, r.K}] = r.Overlap
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

// With FAISS's selection rule the graphs have as many links as FAISS's, within 1 in the mean, and its overlap at efSearch 50 and
// k = 100, within .01: many at efConstruction 50, where nothing is pruned on level 0.
func TestConstructionIsFAISSConstruction(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		faiss := askFAISS(t, peers)
		x, err := Explain(context.Background(), Options{Embeddings: testkit.Points(t, testkit.Embeddings), Out: t.TempDir(), Subset: 1000})
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for _, r := range x.Construction {
			f, ok := faiss[r.EfConstruction]
			if !ok || r.M != M || r.Selection != fmt.Sprint(hnsw.SelectWhenFull) {
				continue
			}
			compared++
			for _, want := range f.Overlaps {
				if want.Ef == comparedEfSearch && want.K == 100 && math.Abs(r.Overlap100-want.Overlap) > .01 {
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
