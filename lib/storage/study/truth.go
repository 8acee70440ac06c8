package study

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/internal/sealed"
	"anncapacity/lib/storage/nearest"
)

// test is a set of queries with their true neighbours.
type test struct {
	name    string
	queries ann.Coordinates
	truth   []ann.Neighbors
}

// Names of the sets of test queries.
const (
	OtherPhotographs = "other photographs"       // queries from photographs of which neither the base nor the learn set has one
	LearnPhotographs = "photographs of learn"    // queries that were taken out of the learn set
	NearBase         = "base vectors with noise" // base vectors with Gaussian noise
)

// newTest computes the true neighbours of queries.
func newTest(ctx context.Context, name string, base, queries ann.Coordinates) (test, error) {
	truth, err := exact.New(base.Vectors()).SearchBatch(ctx, queries.Vectors(), min(slices.Max(Ks), base.N))
	return test{name, queries, truth}, err
}

// labels returns the nearest k vectors of the first n of the base for each of the first m learn queries. They are stored as a part.
func (s *session) labels(ctx context.Context, n, m, k int) ([]int32, error) {
	name := fmt.Sprintf("nearest%d-%d-%d-%s.ids", k, n, m, parts.Key(func(sum io.Writer) {
		fmt.Fprintf(sum, "storage labels %d %s %d %d %d", version, s.data, n, m, k)
	}))
	ids, _, err := storedIDs.Get(filepath.Join(s.dir, name), func() ([]int32, error) {
		bar := progress.New(s.Progress, fmt.Sprintf("nearest base vectors of %d learn queries", m), m, "queries")
		defer bar.Stop()
		return nearest.Find(ctx, first(s.Base, n), first(s.Learn, m), nearest.Options{K: k, Progress: bar.Add})
	})
	if err == nil && len(ids) != m*k {
		err = fmt.Errorf("%s: %d IDs, not %d", filepath.Join(s.dir, name), len(ids), m*k)
	}
	return ids, err
}

// storedIDs stores IDs with a checksum.
var storedIDs = parts.Kind[[]int32]{
	Read: func(path string) (ids []int32, err error) {
		var n int
		r, err := readSealed(path, idsKind, &n)
		if err != nil {
			return nil, err
		}
		if ids, err = sealed.Numbers[int32](r, n); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return ids, nil
	},
	Write: func(path string, ids []int32) error { return writeSealed(path, idsKind, len(ids), ids) },
}
