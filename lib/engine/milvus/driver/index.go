package driver

import (
	"context"
	"errors"
	"fmt"

	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/index"
	"github.com/milvus-io/milvus/client/v2/milvusclient"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Index implements engine.Batcher with a collection in a server.
type Index struct {
	way        way
	d          int
	o          engine.Options
	server     *server
	collection string
	empty      int64 // memory of the server's process before the collection, if it was started here
	ef         int
	level      entity.ConsistencyLevel
}

// SetEfSearch implements engine.Adapter. ef is sent with each search, so a search returns the error if the server rejects it.
func (x *Index) SetEfSearch(ef int) error {
	x.ef = ef
	return nil
}

// Ask implements engine.Adapter.
func (x *Index) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	return engine.First(x.AskBatch(ctx, engine.One(query), k))
}

// batchSize is the number of queries in one request; a full server accepts up to 16,384.
const batchSize = 1000

// AskBatch implements engine.Batcher. It sends requests of batchSize queries.
func (x *Index) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	answers := make([]engine.Answer, 0, queries.N)
	served, cancel := x.server.serverContext(ctx)
	defer cancel()
	for from := 0; from < queries.N; from += batchSize {
		part, err := x.request(served, queries, k, from, "")
		if err != nil {
			return nil, x.server.explain(err)
		}
		answers = append(answers, part...)
	}
	return answers, nil
}

// request sends up to batchSize rows of queries, beginning with row from, and returns their answers. The filter is "" or a boolean
// expression.
func (x *Index) request(ctx context.Context, queries ann.Vectors, k, from int, filter string) ([]engine.Answer, error) {
	var vectors []entity.Vector
	for i := from; i < min(from+batchSize, queries.N); i++ {
		vectors = append(vectors, entity.FloatVector(queries.Row(i)))
	}
	option := milvusclient.NewSearchOption(x.collection, k, vectors).WithANNSField(field).WithConsistencyLevel(x.level).
		WithFilter(filter).WithOutputFields("id") // otherwise Milvus Lite sends the vectors too
	if !x.way.exact {
		option = option.WithAnnParam(index.NewHNSWAnnParam(x.ef))
	}
	results, err := x.server.client.Search(ctx, option)
	if err != nil {
		return nil, err
	}
	if len(results) != len(vectors) {
		return nil, fmt.Errorf("%d answers to %d queries", len(results), len(vectors))
	}
	answers := make([]engine.Answer, len(results))
	for i, result := range results {
		if answers[i], err = read(result); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

func read(result milvusclient.ResultSet) (engine.Answer, error) {
	a := engine.Answer{Distances: result.Scores}
	if result.Err != nil {
		return a, result.Err
	}
	for i := range result.ResultCount {
		id, err := result.IDs.GetAsInt64(i)
		if err != nil {
			return a, err
		}
		a.IDs = append(a.IDs, int32(id))
	}
	return a, nil
}

// Size returns the growth of the server's memory and the size of its files; of a full server's, those of the rows and the index.
// It returns zero for the server at Address.
func (x *Index) Size() engine.Size {
	if x.server.own == nil {
		return engine.Size{}
	}
	size := engine.Size{Memory: max(0, x.server.own.Memory()-x.empty), Disk: x.server.folder.Bytes()}
	if x.way.full {
		size.Disk = rowsAndIndex(x.server.folder.Path)
	}
	return size
}

// Close stops a server that was started here, or drops the collection from that at Address.
func (x *Index) Close() error {
	var err error
	if x.server.own == nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*connectTimeout)
		defer cancel()
		err = x.server.client.DropCollection(ctx, milvusclient.NewDropCollectionOption(x.collection))
	}
	return errors.Join(err, x.server.stop())
}
