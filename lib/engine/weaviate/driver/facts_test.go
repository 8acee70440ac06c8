package driver

import (
	"context"
	"errors"
	"math"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	config "github.com/weaviate/weaviate/entities/vectorindex/hnsw"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
)

// built returns an index and its adapter.
func built(t *testing.T, base ann.Vectors, o engine.Options) (engine.Index, *Index) {
	t.Helper()
	x := enginetest.Build(t, Engines()[0], base, o)
	return x, engine.Unwrap(x).(*Index)
}

// set changes the configuration of the index.
func (x *Index) set(t *testing.T, change func(*config.UserConfig)) {
	t.Helper()
	change(&x.config)
	if err := x.index.UpdateUserConfig(x.config, func() {}); err != nil {
		t.Fatal(err)
	}
}

// answersAt returns the IDs of the answers to all queries at an ef.
func (x *Index) answersAt(t *testing.T, ef int, asked ann.Vectors, k int) [][]int32 {
	t.Helper()
	x.set(t, func(c *config.UserConfig) { c.EF = ef })
	var all [][]int32
	for i := range asked.N {
		a, err := x.Ask(t.Context(), asked.Row(i), k)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a.IDs)
	}
	return all
}

// An ef below the limit has the answers of ef = limit, and ef −1 those of 8 · limit between 100 and 500, or of the limit.
func TestEf(t *testing.T) {
	base, asked := enginetest.Gaussian(3000, 32, 1), enginetest.Gaussian(20, 32, 2)
	_, x := built(t, base, engine.Options{M: 4, EfConstruction: 16})
	for _, want := range []struct{ ef, limit, same int }{
		{10, 100, 100}, {99, 100, 100}, {-1, 10, 100}, {-1, 23, 184}, {-1, 100, 500}, {-1, 700, 700},
	} {
		asIs, same := x.answersAt(t, want.ef, asked, want.limit), x.answersAt(t, want.same, asked, want.limit)
		if !reflect.DeepEqual(asIs, same) {
			t.Errorf("limit %d: ef %d has other answers than ef %d", want.limit, want.ef, want.same)
		}
		if reflect.DeepEqual(asIs, x.answersAt(t, 2*want.same, asked, want.limit)) {
			t.Errorf("limit %d: ef %d has the answers of ef %d", want.limit, want.ef, 2*want.same)
		}
	}
}

// What Weaviate does not accept is an error in its words. A limit or an ef far above the number of vectors reserves no memory.
func TestLimits(t *testing.T) {
	base := enginetest.Gaussian(50, 8, 1)
	for want, o := range map[string]engine.Options{
		"maxConnections must be a positive integer with a minimum of 4": {M: 3},
		"maxConnections must be less than 2048":                         {M: 2048},
		"efConstruction must be a positive integer":                     {EfConstruction: 3},
	} {
		_, err := Engines()[0].Build(t.Context(), base, o)
		if err == nil || !strings.HasPrefix(err.Error(), "Weaviate: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	x, _ := built(t, base, engine.Options{M: 2047, EfConstruction: 4})
	if err := x.SetEfSearch(math.MaxInt32); err != nil {
		t.Fatal(err)
	}
	if a, err := x.Ask(t.Context(), base.Row(3), math.MaxInt32); err != nil || len(a.IDs) != 50 || a.IDs[0] != 3 {
		t.Errorf("%+v, %v", a, err)
	}
}

// Distances are squared L2, 1 − cosine and −⟨a, b⟩, to five digits, and answers are in their order.
func TestDistances(t *testing.T) {
	base, query := enginetest.Gaussian(300, 24, 1), enginetest.Gaussian(1, 24, 2).Row(0)
	for _, m := range ann.Metrics {
		x, _ := built(t, base, engine.Options{Metric: m})
		a, err := x.Ask(t.Context(), query, base.N)
		if err != nil || len(a.IDs) != base.N || !slices.IsSorted(a.Distances) {
			t.Fatalf("%v: %d answers, %v", m, len(a.IDs), err)
		}
		for i, id := range a.IDs {
			var square, product, length, other float64
			for j, q := range query {
				b := float64(base.Row(int(id))[j])
				square, product = square+(float64(q)-b)*(float64(q)-b), product+float64(q)*b
				length, other = length+float64(q)*float64(q), other+b*b
			}
			want := map[ann.Metric]float64{ann.Euclidean: square, ann.Cosine: 1 - product/math.Sqrt(length*other), ann.InnerProduct: -product}[m]
			if math.Abs(float64(a.Distances[i])-want) > 1e-5*max(1, math.Abs(want)) {
				t.Errorf("%v: point %d at %v, want %v", m, id, a.Distances[i], want)
			}
		}
	}
}

// A filtered search is exact, whatever ef is, if fewer rows match than flatSearchCutoff. Otherwise both strategies answer with matching
// rows only. Sweeping finds nearly all neighbours at an ef of 200, also where 1 % of the rows match. Acorn follows links for two hops at
// most, and finds fewer there.
func TestFilterStrategies(t *testing.T) {
	base, asked := enginetest.Gaussian(3000, 16, 1), enginetest.Gaussian(20, 16, 2)
	attributes := make([]int32, base.N)
	for i := range attributes {
		attributes[i] = int32(i * 7 % 100)
	}
	_, x := built(t, base, engine.Options{Attributes: attributes, M: 16})
	for _, c := range []struct {
		strategy       string
		ef, flatCutoff int
		below          int32
		least          float64
	}{
		{config.FilterStrategyAcorn, 10, config.DefaultFlatSearchCutoff, 50, 1},
		{config.FilterStrategyAcorn, 10, config.DefaultFlatSearchCutoff, 1, 1},
		{config.FilterStrategyAcorn, 200, 0, 50, .95},
		{config.FilterStrategyAcorn, 200, 0, 10, .9},
		{config.FilterStrategyAcorn, 200, 0, 1, .5},
		{config.FilterStrategySweeping, 200, 0, 50, .95},
		{config.FilterStrategySweeping, 200, 0, 10, .95},
		{config.FilterStrategySweeping, 200, 0, 1, .95},
	} {
		x.set(t, func(u *config.UserConfig) {
			u.FilterStrategy, u.EF, u.FlatSearchCutoff = c.strategy, c.ef, c.flatCutoff
		})
		overlap := 0.0
		for i := range asked.N {
			a, err := x.AskBelow(t.Context(), asked.Row(i), 10, c.below)
			if err != nil || slices.ContainsFunc(a.IDs, func(id int32) bool { return attributes[id] >= c.below }) {
				t.Fatalf("%+v: %+v, %v", c, a, err)
			}
			truth := enginetest.BruteForce(base, asked.Row(i), base.N, ann.Euclidean)
			truth = slices.DeleteFunc(truth, func(n ann.Neighbor) bool { return attributes[n.ID] >= c.below })
			overlap += enginetest.Overlap(a, truth[:10]) / float64(asked.N)
		}
		if t.Logf("%+v: overlap %.3f", c, overlap); overlap < c.least-1e-9 {
			t.Errorf("%+v: overlap %.3f", c, overlap)
		}
	}
}

// Deleted nodes are walked through, and a clean-up removes them. Answers are as good before and after it.
func TestTombstones(t *testing.T) {
	base, asked := enginetest.Gaussian(2000, 16, 1), enginetest.Gaussian(20, 16, 2)
	x, inside := built(t, base, engine.Options{M: 16})
	var odd []int32
	for id := int32(1); id < int32(base.N); id += 2 {
		odd = append(odd, id)
	}
	if err := x.Delete(t.Context(), odd); err != nil {
		t.Fatal(err)
	}
	overlap := func() (sum float64) {
		for i, ids := range inside.answersAt(t, 200, asked, 10) {
			if len(ids) != 10 || slices.ContainsFunc(ids, func(id int32) bool { return id%2 == 1 }) {
				t.Errorf("query %d: %v", i, ids)
			}
			truth := enginetest.BruteForce(base, asked.Row(i), base.N, ann.Euclidean)
			truth = slices.DeleteFunc(truth, func(n ann.Neighbor) bool { return n.ID%2 == 1 })
			sum += enginetest.Overlap(engine.Answer{IDs: ids}, truth[:10]) / float64(asked.N)
		}
		return sum
	}
	tombstones := func() int {
		s, err := inside.index.Stats()
		if err != nil {
			t.Fatal(err)
		}
		return s.NumTombstones
	}
	marked, before := tombstones(), overlap()
	if err := inside.index.CleanUpTombstonedNodes(func() bool { return false }); err != nil {
		t.Fatal(err)
	}
	after := overlap()
	if t.Logf("overlap %.3f with tombstones, %.3f without", before, after); min(before, after) < .95 {
		t.Error("overlap is less than .95")
	}
	if left := tombstones(); marked != len(odd) || left != 0 {
		t.Errorf("%d tombstones before the clean-up, %d after it", marked, left)
	}
}

// An index leaves no file and no goroutine behind, whether it was closed or its build was cancelled.
func TestNothingIsLeft(t *testing.T) {
	dir, before := t.TempDir(), runtime.NumGoroutine()
	empty := func() {
		if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
			t.Errorf("%v, %v", files, err)
		}
	}
	x, err := Engines()[0].Build(t.Context(), enginetest.Gaussian(100, 8, 1), engine.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	empty()
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = Engines()[0].Build(ctx, enginetest.Gaussian(200000, 64, 1), engine.Options{Dir: dir, Threads: 2})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "Weaviate: ") {
		t.Error(err)
	}
	empty()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}
