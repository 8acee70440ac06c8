package study

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/progress"
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
	truth, err := exact.New(base.Vectors()).SearchBatch(ctx, queries.Vectors(), min(Ks[len(Ks)-1], base.N))
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
		err = fmt.Errorf("%s: %d IDs, not %d", name, len(ids), m*k)
	}
	return ids, err
}

// storedIDs stores IDs as int32, little-endian.
var storedIDs = parts.Kind[[]int32]{
	Read: func(path string) ([]int32, error) {
		data, err := os.ReadFile(path)
		ids := make([]int32, len(data)/4)
		for i := range ids {
			ids[i] = int32(binary.LittleEndian.Uint32(data[4*i:]))
		}
		return ids, err
	},
	Write: func(path string, ids []int32) error {
		return atomicfile.Write(path, func(w io.Writer) error { return binary.Write(w, binary.LittleEndian, ids) })
	},
}
