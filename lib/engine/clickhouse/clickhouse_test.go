package clickhouse

import (
	"math"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/engine/internal/side"
)

// The whole test uses one process.
func TestEngine(t *testing.T) {
	e := Engines()[0]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	base := enginetest.Gaussian(2000, 32, 1)
	kept := enginetest.Build(t, e, base, engine.Options{M: 4, EfConstruction: 10})
	enginetest.Run(t, e, enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .95, ann.Cosine: .95, ann.InnerProduct: .9},
		Beyond: enginetest.Full, ShortFilter: true, ShortAfterDelete: true,
	})
	t.Run("raised", func(t *testing.T) { raised(t, kept, base) })
	t.Run("deleted", func(t *testing.T) { deleted(t, e, base) })
	t.Run("plan", func(t *testing.T) { plan(t, kept) })
	t.Run("inner product", func(t *testing.T) { innerProduct(t, e, base) })
}

// The points are in a graph: a search for one neighbour at efSearch 1 misses some that a search at efSearch 2,000 finds. A search
// for k neighbours, also for more than 1,000, has the same answer at each efSearch up to k, and misses some. Distances are not
// squared.
func raised(t *testing.T, x engine.Index, base ann.Vectors) {
	queries := enginetest.Gaussian(30, base.D, 2)
	ask := func(k, ef int) []engine.Answer {
		t.Helper()
		if err := x.SetEfSearch(ef); err != nil {
			t.Fatal(err)
		}
		answers, err := x.AskBatch(t.Context(), queries, k)
		if err != nil {
			t.Fatal(err)
		}
		return answers
	}
	missed := 0
	low, high := ask(1, 1), ask(1, 2000)
	for i := range queries.N {
		if want := ann.L2(queries.Row(i), base.Row(int(high[i].IDs[0]))); math.Abs(float64(high[i].Distances[0]-want)) > 1e-4 {
			t.Errorf("query %d: ClickHouse's distance %v, %v", i, high[i].Distances[0], want)
		}
		if low[i].IDs[0] != high[i].IDs[0] {
			missed++
		}
	}
	if missed == 0 {
		t.Error("a search at efSearch 1 misses no neighbour: it is exact")
	}
	for _, k := range []int{100, 1200} {
		want, missed := ask(k, k), 0
		for i, a := range ask(k, 1) {
			if len(a.IDs) != k || !slices.Equal(a.IDs, want[i].IDs) {
				t.Errorf("query %d, k = %d at efSearch 1: %d answers, other than those at efSearch k", i, k, len(a.IDs))
			}
			if enginetest.Overlap(a, enginetest.BruteForce(base, queries.Row(i), k, ann.Euclidean)) < 1 {
				missed++
			}
		}
		if missed == 0 {
			t.Errorf("k = %d: every answer is exact", k)
		}
	}
}

// A query that ClickHouse answers without its index, by comparing with every row, is an error.
func plan(t *testing.T, x engine.Index) {
	adapter := engine.Unwrap(x).(*side.Index)
	confirm := func(settings string) error {
		statement := "SELECT id, L2Distance(v, arrayResize([1.5], 32)) AS distance FROM points0 ORDER BY distance " +
			"LIMIT 20 SETTINGS " + settings
		_, err := adapter.Do(t.Context(), side.Request{Do: "confirm", Fields: map[string]any{"statement": statement}})
		return err
	}
	if err := confirm("max_limit_for_vector_search_queries = 20"); err != nil {
		t.Error(err)
	}
	err := confirm("max_limit_for_vector_search_queries = 19")
	if err == nil || !strings.Contains(err.Error(), "would not use its index") {
		t.Errorf("a search without the index: %v", err)
	}
}

// Inner products are the largest first, as ClickHouse computes them from the vectors.
func innerProduct(t *testing.T, e engine.Engine, base ann.Vectors) {
	x := enginetest.Build(t, e, base, engine.Options{Metric: ann.InnerProduct})
	for i := range 10 {
		a, err := x.Ask(t.Context(), base.Row(i), 20)
		if err != nil || len(a.IDs) != 20 {
			t.Fatalf("%+v, %v", a, err)
		}
		for j, id := range a.IDs {
			product := -ann.InnerProduct.Distance(base.Row(i), base.Row(int(id)))
			if math.Abs(float64(a.Distances[j]-product)) > 1e-3 || j > 0 && a.Distances[j] > a.Distances[j-1] {
				t.Fatalf("rank %d: product %v, and ClickHouse says %v after %v", j, product, a.Distances[j], a.Distances[:j])
			}
		}
	}
}

// Deleted rows take places among the LIMIT nearest that the index returns: an answer among half of the rows is short.
func deleted(t *testing.T, e engine.Engine, base ann.Vectors) {
	x := enginetest.Build(t, e, base, engine.Options{})
	var even []int32
	for i := 0; i < base.N; i += 2 {
		even = append(even, int32(i))
	}
	if err := x.Delete(t.Context(), even); err != nil {
		t.Fatal(err)
	}
	a, err := x.Ask(t.Context(), base.Row(1), 100)
	if err != nil || len(a.IDs) > 75 || len(a.IDs) < 25 || a.IDs[0] != 1 {
		t.Errorf("%d answers after half of the rows are deleted: %v, %v", len(a.IDs), a.IDs, err)
	}
}
