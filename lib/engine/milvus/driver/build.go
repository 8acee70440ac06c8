package driver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/milvus-io/milvus/client/v2/column"
	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/index"
	"github.com/milvus-io/milvus/client/v2/milvusclient"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

var metrics = map[ann.Metric]entity.MetricType{
	ann.Euclidean: entity.L2, ann.Cosine: entity.COSINE, ann.InnerProduct: entity.IP,
}

const field, attribute = "embedding", "attribute"

func open(ctx context.Context, base ann.Vectors, o engine.Options, w way) (engine.Adapter, error) {
	s, err := w.start(ctx, o)
	if err != nil {
		return nil, err
	}
	x := &Index{
		way: w, d: base.D, o: o, server: s, collection: fmt.Sprintf("anncapacity_%016x", rand.Uint64()), ef: engine.DefaultEfSearch, level: entity.ClStrong,
	}
	if s.own != nil {
		x.empty = s.own.Memory()
	}
	served, cancel := s.serverContext(ctx)
	defer cancel()
	for _, step := range []func(context.Context, ann.Vectors) error{x.create, x.insert, x.index, x.load, x.settle} {
		if err := step(served, base); err != nil {
			return nil, errors.Join(s.explain(err), x.Close())
		}
	}
	return x, nil
}

func (x *Index) create(ctx context.Context, base ann.Vectors) error {
	schema := entity.NewSchema().
		WithField(entity.NewField().WithName("id").WithDataType(entity.FieldTypeInt64).WithIsPrimaryKey(true)).
		WithField(entity.NewField().WithName(field).WithDataType(entity.FieldTypeFloatVector).WithDim(int64(base.D)))
	if x.o.Attributes != nil {
		schema = schema.WithField(entity.NewField().WithName(attribute).WithDataType(entity.FieldTypeInt32))
	}
	return x.server.client.CreateCollection(ctx, milvusclient.NewCreateCollectionOption(x.collection, schema).WithConsistencyLevel(entity.ClStrong))
}

// insert sends the rows in requests of at most 16 MiB (a full server accepts 64) and flushes them to a segment.
func (x *Index) insert(ctx context.Context, base ann.Vectors) error {
	const request = 16 << 20
	each := max(1, request/(4*base.D))
	for from := 0; from < base.N; from += each {
		to := min(from+each, base.N)
		ids, rows := make([]int64, 0, to-from), make([][]float32, 0, to-from)
		for i := from; i < to; i++ {
			ids, rows = append(ids, int64(i)), append(rows, base.Row(i))
		}
		option := milvusclient.NewColumnBasedInsertOption(x.collection).WithInt64Column("id", ids).WithFloatVectorColumn(field, base.D, rows)
		if x.o.Attributes != nil {
			option = option.WithColumns(column.NewColumnInt32(attribute, x.o.Attributes[from:to]))
		}
		if _, err := x.server.client.Insert(ctx, option); err != nil {
			return err
		}
		x.o.Report(to, base.N, "points sent")
	}
	flush, err := x.server.client.Flush(ctx, milvusclient.NewFlushOption(x.collection))
	if err != nil {
		return err
	}
	return flush.Await(ctx)
}

func (x *Index) index(ctx context.Context, _ ann.Vectors) error {
	var kind index.Index = index.NewHNSWIndex(metrics[x.o.Metric], x.o.M, x.o.EfConstruction)
	if x.way.exact {
		kind = index.NewFlatIndex(metrics[x.o.Metric])
	}
	option := milvusclient.NewCreateIndexOption(x.collection, field, kind)
	if !x.way.full { // Milvus Lite reads this key only, and otherwise uses M 16 and efConstruction 200 without an error
		option.WithExtraParam(index.ParamsKey, fmt.Sprintf(`{"M": %d, "efConstruction": %d}`, x.o.M, x.o.EfConstruction))
	}
	task, err := x.server.client.CreateIndex(ctx, option)
	if err != nil {
		return err
	}
	return task.Await(ctx)
}

func (x *Index) load(ctx context.Context, base ann.Vectors) error {
	task, err := x.server.client.LoadCollection(ctx, milvusclient.NewLoadCollectionOption(x.collection))
	if err == nil {
		err = task.Await(ctx)
	}
	x.o.Report(base.N, base.N, "points")
	return err
}

// settle waits until every inserted row is searched. Later searches have the consistency level that is a collection's default:
// with the strong level, a full server delays each by up to 0.2 s.
func (x *Index) settle(ctx context.Context, base ann.Vectors) error {
	x.level = entity.ClStrong
	_, err := x.request(ctx, base, 1, base.N-1, "")
	x.level = entity.ClBounded
	return err
}
