package driver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/weaviate/weaviate/adapters/repos/db/helpers"
	"github.com/weaviate/weaviate/adapters/repos/db/vector/hnsw"
	"github.com/weaviate/weaviate/adapters/repos/db/vector/hnsw/distancer"
	"github.com/weaviate/weaviate/entities/cyclemanager"
	"github.com/weaviate/weaviate/entities/vectorindex/common"
	config "github.com/weaviate/weaviate/entities/vectorindex/hnsw"
	"github.com/weaviate/weaviate/usecases/memwatch"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/parallel"
)

// metrics holds the name and the function of each distance.
var metrics = map[ann.Metric]struct {
	name     string
	provider distancer.Provider
}{
	ann.Euclidean:    {common.DistanceL2Squared, distancer.NewL2SquaredProvider()},
	ann.Cosine:       {common.DistanceCosine, distancer.NewCosineDistanceProvider()},
	ann.InnerProduct: {common.DistanceDot, distancer.NewDotProductProvider()},
}

// Index implements engine.Filterer and engine.Deleter with an index of Weaviate. The ID of a vector is its row number.
type Index struct {
	n          int
	attributes []int32
	config     config.UserConfig
	index      *hnsw.HNSW
	bytes      int64
}

func open(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
	checked, err := config.ParseAndValidateConfig(map[string]any{
		"maxConnections": float64(o.M), "efConstruction": float64(o.EfConstruction), "distance": metrics[o.Metric].name,
		"filterStrategy": config.DefaultFilterStrategy,
	}, false)
	if err != nil {
		return nil, err
	}
	x := &Index{n: base.N, attributes: o.Attributes, config: checked.(config.UserConfig)}
	x.bytes, err = engine.HeapGrowth(func() error { return x.fill(ctx, base, o) })
	if err != nil {
		return nil, errors.Join(err, x.Close())
	}
	if o.Metric != ann.Cosine { // then the index has normalized copies of the rows
		x.bytes += 4 * int64(len(base.Data))
	}
	return x, nil
}

// fill creates the index and inserts the rows from Options.Threads goroutines.
func (x *Index) fill(ctx context.Context, base ann.Vectors, o engine.Options) error {
	if err := x.create(base, o); err != nil {
		return err
	}
	var done atomic.Int64
	return parallel.EachOn(ctx, base.N, o.Threads, func() (func(int) error, error) {
		return func(i int) error {
			err := x.index.Add(ctx, uint64(i), base.Row(i))
			o.ReportPoint(int(done.Add(1)), base.N, "points")
			return err
		}, nil
	})
}

// create creates an empty index. Weaviate looks for the log of an earlier one in a folder, which is not needed afterwards.
func (x *Index) create(base ann.Vectors, o engine.Options) error {
	folder, err := os.MkdirTemp(o.Dir, "weaviate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	x.index, err = hnsw.New(hnsw.Config{
		RootPath: folder, ID: "main", ClassName: "Vectors", ShardName: "one", DisableSnapshots: true,
		MakeCommitLoggerThunk: hnsw.MakeNoopCommitLogger,
		DistanceProvider:      metrics[o.Metric].provider,
		AllocChecker:          memwatch.NewDummyMonitor(),
		AcornFilterRatio:      .4, FlatSearchConcurrency: 1, VisitedListPoolMaxSize: -1,
		VectorForIDThunk: func(_ context.Context, id uint64) ([]float32, error) {
			if id >= uint64(base.N) {
				return nil, fmt.Errorf("there is no vector %d", id)
			}
			return base.Row(int(id)), nil
		},
	}, x.config, cyclemanager.NewCallbackGroupNoop(), nil)
	return err
}

// SetEfSearch implements engine.Adapter. Weaviate accepts every value, and reserves memory for ef candidates in each search. A
// larger ef than the number of rows has no effect, so that it is left out.
func (x *Index) SetEfSearch(ef int) error {
	x.config.EF = min(ef, x.n)
	return x.index.UpdateUserConfig(x.config, func() {})
}

// Ask implements engine.Adapter.
func (x *Index) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	return x.ask(ctx, query, k, nil)
}

// AskBelow implements engine.Filterer. As in a server, the list of rows that match is made for each search.
func (x *Index) AskBelow(ctx context.Context, query []float32, k int, below int32) (engine.Answer, error) {
	var ids []uint64
	for id, a := range x.attributes {
		if a < below {
			ids = append(ids, uint64(id))
		}
	}
	return x.ask(ctx, query, k, helpers.NewAllowList(ids...))
}

// ask searches among the rows on the list, or all if it is nil. A k above the number of rows is asked as that number, because
// Weaviate reserves memory for k candidates.
func (x *Index) ask(ctx context.Context, query []float32, k int, among helpers.AllowList) (engine.Answer, error) {
	found, distances, err := x.index.SearchByVector(ctx, query, min(k, x.n), among)
	if err != nil {
		return engine.Answer{}, err
	}
	a := engine.Answer{IDs: make([]int32, len(found)), Distances: distances}
	for i, id := range found {
		a.IDs[i] = int32(id)
	}
	return a, nil
}

// Delete implements engine.Deleter. It gives the rows tombstones. A server removes them every five minutes (cleanupIntervalSeconds).
func (x *Index) Delete(_ context.Context, ids []int32) error {
	all := make([]uint64, len(ids))
	for i, id := range ids {
		all[i] = uint64(id)
	}
	return x.index.Delete(all...)
}

// Size returns the growth of Go's heap by the index, and the memory of the vectors, which the index shares with the caller, except
// under the cosine.
func (x *Index) Size() engine.Size { return engine.Size{Memory: x.bytes} }

// Close ends the index's goroutine and frees its memory.
func (x *Index) Close() error {
	if x.index == nil {
		return nil
	}
	return x.index.Shutdown(context.Background())
}
