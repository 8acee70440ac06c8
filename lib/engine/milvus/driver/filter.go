package driver

import (
	"context"
	"fmt"

	"github.com/milvus-io/milvus/client/v2/milvusclient"

	"anncapacity/lib/engine"
)

// AskBelow implements engine.Filterer.
func (x *Index) AskBelow(ctx context.Context, query []float32, k int, below int32) (engine.Answer, error) {
	served, cancel := x.server.serverContext(ctx)
	defer cancel()
	a, err := engine.First(x.request(served, engine.One(query), k, 0, fmt.Sprintf("%s < %d", attribute, below)))
	return a, x.server.explain(err)
}

// Delete implements engine.Deleter. It waits until searches see the deletion, but not for a compaction.
func (x *Index) Delete(ctx context.Context, ids []int32) error {
	long := make([]int64, len(ids))
	for i, id := range ids {
		long[i] = int64(id)
	}
	served, cancel := x.server.serverContext(ctx)
	defer cancel()
	query := make([]float32, x.d)
	query[0] = 1
	_, err := x.server.client.Delete(served, milvusclient.NewDeleteOption(x.collection).WithInt64IDs("id", long))
	if err == nil {
		err = x.settle(served, engine.One(query))
	}
	return x.server.explain(err)
}
