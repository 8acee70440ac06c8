package compare_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/engines"
)

// policies are what each engine documents (SCIENCE.md, section 2: pad, raise, truncate, reject), in the words of compare.Observed.
// Two words stand where it promises a full answer, but not how good a one.
var policies = map[string][]string{
	"anncapacity exact":             {compare.IsExact},
	"anncapacity HNSW Pad":          {compare.Pads},
	"anncapacity HNSW Raise":        {compare.Raises},
	"anncapacity HNSW Truncate":     {compare.Truncates},
	"anncapacity HNSW Reject":       {compare.Rejects},
	"FAISS Flat":                    {compare.IsExact},
	"FAISS HNSW":                    {compare.Pads},
	"FAISS HNSW, unbounded queue":   {compare.Raises},
	"FAISS IVF":                     {compare.Pads},
	"hnswlib":                       {compare.Raises},
	"coder/hnsw":                    {compare.NoEfSearch},
	"gonum k-d tree":                {compare.IsExact},
	"gonum vantage-point tree":      {compare.IsExact},
	"k-d tree, best first":          {compare.Pads},
	"PyNNDescent":                   {compare.Pads}, // keeps k, but its search does not leave a cluster of this set
	"pgvector exact":                {compare.IsExact},
	"pgvector HNSW":                 {compare.Truncates},
	"pgvector HNSW, iterative scan": {compare.Raises, compare.Fills},
	"DuckDB exact":                  {compare.IsExact},
	"DuckDB vss HNSW":               {compare.Raises},
	"Milvus Lite FLAT":              {compare.IsExact},
	"Milvus Lite HNSW":              {compare.Pads},
	"Milvus HNSW":                   {compare.Rejects},
}

// efforts are those that differ: so few lists of an IVF index hold fewer points than are asked for.
var efforts = map[string]int{"FAISS IVF": 5}

// repeats are engines whose empty slots hold an indexed point: PyNNDescent 0.7.0 takes the −1 of an empty slot for the last row of
// its own order of the points.
var repeats = map[string]bool{"PyNNDescent": true}

// points are 1,500 in 24 dimensions around 21 centres.
func points() ann.Vectors {
	const n, d = 1500, 24
	rng := rand.New(rand.NewPCG(1, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(5*((i/d)%7)*((i%d)%3)) + float32(rng.NormFloat64())
	}
	return v
}

// Every engine that can be had here does what it documents when 400 neighbours are asked for at efSearch 20, and no point comes back
// twice.
func TestEnginesDoWhatTheyDocument(t *testing.T) {
	for _, e := range engines.All() {
		t.Run(e.Name, func(t *testing.T) {
			want, ok := policies[e.Name]
			if !ok {
				t.Fatal("its policy is not in this test")
			}
			if err := e.Missing(); err != nil {
				t.Skip(err)
			}
			result, err := compare.Run(context.Background(), compare.Options{
				Base: points(), Engines: []engine.Engine{e}, K: []int{10, 50, 400}, EfSearch: cmp.Or(efforts[e.Name], 20), Sweep: []int{10, 100}, SweepK: []int{10},
				Queries: 40, Out: t.TempDir(), Index: engine.Options{M: 8},
			})
			if err != nil {
				t.Fatal(err)
			}
			row := result.Engines[0]
			if row.Missing != "" {
				t.Fatal(row.Missing)
			}
			policy, _, _ := strings.Cut(row.Observed, " (")
			if !slices.Contains(want, policy) {
				t.Errorf("%s %s: documented %q; observed %q, want %q\n%+v", e.Name, row.Version, row.Documented, row.Observed, want, result.Records)
			}
			for _, r := range result.Records {
				if r.Error == "" && (r.Repeated != 0) != (repeats[e.Name] && r.EmptyShare > 0) {
					t.Errorf("repeated answers: %+v", r)
				}
			}
		})
	}
}
