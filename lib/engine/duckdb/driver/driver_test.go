package driver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
)

const exact, hnsw = 0, 1

func built(t *testing.T, way int, base ann.Vectors, o engine.Options) engine.Index {
	t.Helper()
	e := Engines()[way]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	return enginetest.Build(t, e, base, o)
}

// For k > hnsw_ef_search, DuckDB searches as if hnsw_ef_search were k; for smaller k, hnsw_ef_search has an effect.
func TestRaises(t *testing.T) {
	base, asked := enginetest.Gaussian(5000, 32, 1), enginetest.Gaussian(50, 32, 2)
	x := built(t, hnsw, base, engine.Options{M: 8, EfConstruction: 40})
	answers := func(ef, k int) []engine.Answer {
		if err := x.SetEfSearch(ef); err != nil {
			t.Fatal(err)
		}
		a, err := x.AskBatch(t.Context(), asked, k)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	same := func(a, b engine.Answer) bool { return slices.Equal(a.IDs, b.IDs) }
	if !slices.EqualFunc(answers(10, 200), answers(200, 200), same) {
		t.Error("k = 200 at hnsw_ef_search 10 and at 200 differ")
	}
	if slices.EqualFunc(answers(10, 10), answers(200, 10), same) {
		t.Error("hnsw_ef_search changes nothing at k = 10")
	}
	for _, a := range answers(10, 200) {
		if !slices.IsSorted(a.Distances) {
			t.Errorf("not in order: %v", a.Distances)
		}
	}
}

func TestPlan(t *testing.T) {
	for way, want := range []bool{exact: false, hnsw: true} {
		x := engine.Unwrap(built(t, way, enginetest.Gaussian(500, 8, 1), engine.Options{})).(*Index)
		for _, k := range []int{1, 500} {
			var kind, plan string
			err := x.db.QueryRow(fmt.Sprintf("EXPLAIN SELECT id, array_distance(embedding, ?::FLOAT[8]) AS d FROM items ORDER BY d LIMIT %d", k), make([]float32, 8)).Scan(&kind, &plan)
			if err != nil || strings.Contains(plan, "HNSW_INDEX_SCAN") != want {
				t.Errorf("%s, k = %d: %v, %s", Engines()[way].Name, k, err, plan)
			}
		}
	}
}

func TestExtensionMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vss.duckdb_extension")
	if _, err := database(t.Context(), path, 1); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no extension", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := database(t.Context(), path, 1); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("another file: %v", err)
	}
}

func TestCancelled(t *testing.T) {
	base := enginetest.Gaussian(10_000, 64, 1)
	x := built(t, exact, base, engine.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := x.AskBatch(ctx, base, 100); !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "DuckDB exact: ") {
		t.Errorf("batch: %v", err)
	}
	if a, err := x.Ask(t.Context(), base.Row(9), 1); err != nil || a.IDs[0] != 9 {
		t.Errorf("afterwards: %v, %v", a, err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := Engines()[hnsw].Build(ctx, base, engine.Options{}); !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "DuckDB vss HNSW: ") {
		t.Errorf("build: %v", err)
	}
}
