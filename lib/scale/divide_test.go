package scale

import "testing"

// Queries are divided where the vectors are quickly read and prepared anew, the vectors where there are too many of them for that, and
// both where this adds least. No task is small.
func TestDivideByCost(t *testing.T) {
	for _, c := range []struct {
		rows, dim, queries, k, workers int
		blocks, parts                  int
	}{
		{1e6, 128, 10_000, 100, 1, 2, 1},  // not four tasks, which would be smaller than ten seconds
		{1e6, 128, 10_000, 100, 4, 2, 2},  // one for each worker, though small
		{1e6, 128, 40_000, 1000, 1, 4, 1}, // long lists
		{1e7, 128, 10_000, 100, 4, 2, 8},  // both
		{1e8, 2048, 10_000, 100, 64, 1, 256},
		{1e6, 128, 1e6, 100, 2, 62, 1},     // more blocks than that, as the memory asks
		{60_000, 128, 10_000, 10, 2, 2, 1}, // too few vectors for two parts
	} {
		e := &Exact{Base: Data{Rows: c.rows, Dim: c.dim}, Queries: Queries{Sample: c.queries}, K: c.k}
		if e.divide(ExactOptions{Workers: c.workers, Memory: defaultMemory}); e.blocks() != c.blocks || e.Parts != c.parts {
			t.Errorf("%+v: %d blocks of %d queries, %d parts", c, e.blocks(), e.QueryBlock, e.Parts)
		}
	}
}
