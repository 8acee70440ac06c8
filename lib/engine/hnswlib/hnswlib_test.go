package hnswlib

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/internal/testkit"
)

func TestEngine(t *testing.T) {
	enginetest.Run(t, Engines()[0], enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .95, ann.Cosine: .95, ann.InnerProduct: .9},
		Beyond: enginetest.Full,
	})
}

// A search for k points uses max(efSearch, k): at k = 200, efSearch 1 gives the answers of efSearch 200, and for at least half
// of the queries their first ten points differ from the answer at k = 10 and efSearch 1.
func TestRaisesEfSearchToK(t *testing.T) {
	e := Engines()[0]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	base, queries := enginetest.Gaussian(3000, 24, 1), enginetest.Gaussian(100, 24, 2)
	x := enginetest.Build(t, e, base, engine.Options{M: 8, EfConstruction: 40})
	ask := func(ef, k int) []engine.Answer {
		if err := x.SetEfSearch(ef); err != nil {
			t.Fatal(err)
		}
		answers, err := x.AskBatch(t.Context(), queries, k)
		if err != nil {
			t.Fatal(err)
		}
		return answers
	}
	low, high, ten := ask(1, 200), ask(200, 200), ask(1, 10)
	other := 0
	for i := range low {
		if !slices.Equal(low[i].IDs, high[i].IDs) {
			t.Fatalf("query %d: efSearch 1 and 200 differ at k = 200", i)
		}
		if !slices.Equal(low[i].IDs[:10], ten[i].IDs) {
			other++
		}
	}
	if t.Logf("the first ten of 200 are others than ten of ten for %d of %d queries", other, queries.N); other < queries.N/2 {
		t.Error("k does not change how far hnswlib looks")
	}
}

// If a search finds fewer than k points, as in a graph that is not connected, the answer is shorter than k. hnswlib's Python
// module raises the documented exception.
func TestShortWherePointsCannotBeReached(t *testing.T) {
	e := Engines()[0]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	base := enginetest.Gaussian(2000, 4, 3)
	for i := range base.N { // ten clusters so far apart that all links stay within them
		base.Data[4*i] += float32(1000 * (i % 10))
	}
	x := enginetest.Build(t, e, base, engine.Options{M: 2, EfConstruction: 5, Threads: 1})
	a, err := x.Ask(t.Context(), base.Row(0), base.N)
	if err != nil {
		t.Fatal(err)
	}
	if t.Logf("%d of %d points", len(a.IDs), base.N); len(a.IDs) == 0 || len(a.IDs) >= base.N || slices.Contains(a.IDs, engine.Padding) {
		t.Errorf("%d of %d points: fewer were expected, without padding", len(a.IDs), base.N)
	}
	if !testkit.HasPeers(t, "what hnswlib's Python module says of a short answer", "hnswlib") {
		return
	}
	path := filepath.Join(t.TempDir(), "base.npy")
	if err := embedding.Write(path, base, make([]embedding.Row, base.N)); err != nil {
		t.Fatal(err)
	}
	says := strings.TrimSpace(string(testkit.Python(t, "hnswlib_short.py", path, "2", "5", strconv.Itoa(base.N))))
	if want := "Cannot return the results in a contiguous 2D array. Probably ef or M is too small"; says != want {
		t.Errorf("hnswlib's Python module says %q, %q is documented", says, want)
	}
}
