package side

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/process"
)

// An Index implements engine.Batcher with an index of a side process. efSearch is sent with every query. It also implements
// engine.Filterer and engine.Deleter, for engines that say in Filter or Delete that they have these: the request "ask" then has
// the field below, and the request "delete" has IDs.
type Index struct {
	id     int
	ef     int
	memory int64
	server *server
	folder *process.Folder
}

// build builds the index and sets its memory.
func (x *Index) build(ctx context.Context, base ann.Vectors, o engine.Options) error {
	before, err := x.processMemory(ctx)
	if err != nil {
		return err
	}
	_, err = x.Do(ctx, Request{Do: "build", Vectors: base, IDs: o.Attributes, Fields: map[string]any{
		"metric": o.Metric.String(), "m": o.M, "ef_construction": o.EfConstruction, "seed": o.Seed,
		"threads": o.Threads, "folder": x.folder.Path,
	}})
	if err != nil {
		return err
	}
	after, err := x.processMemory(ctx)
	x.memory = max(0, after-before)
	return err
}

// processMemory returns the memory in use by the process's own account or, if it has none, the resident memory.
func (x *Index) processMemory(ctx context.Context) (int64, error) {
	r, err := x.server.exchange(ctx, x.message(Request{Do: "memory"}))
	return cmp.Or(r.Memory, x.server.process.Memory()), err
}

// SetEfSearch implements engine.Adapter.
func (x *Index) SetEfSearch(ef int) error {
	x.ef = ef
	return nil
}

// Ask implements engine.Adapter.
func (x *Index) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	return engine.First(x.AskBatch(ctx, engine.One(query), k))
}

// AskBatch implements engine.Batcher. It sends all rows in one request.
func (x *Index) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	return x.Answers(ctx, Request{Do: "ask", Vectors: queries, Fields: map[string]any{"k": k, "ef": x.ef}})
}

// AskBelow implements engine.Filterer.
func (x *Index) AskBelow(ctx context.Context, query []float32, k int, below int32) (engine.Answer, error) {
	fields := map[string]any{"k": k, "ef": x.ef, "below": below}
	return engine.First(x.Answers(ctx, Request{Do: "ask", Vectors: engine.One(query), Fields: fields}))
}

// Delete implements engine.Deleter.
func (x *Index) Delete(ctx context.Context, ids []int32) error {
	_, err := x.Do(ctx, Request{Do: "delete", IDs: ids})
	return err
}

// Answers sends a request and returns one answer for each of its vectors.
func (x *Index) Answers(ctx context.Context, q Request) ([]engine.Answer, error) {
	answers, err := x.Do(ctx, q)
	if err == nil && len(answers) != q.Vectors.N {
		err = fmt.Errorf("%d answers for %d queries", len(answers), q.Vectors.N)
	}
	if err != nil {
		return nil, err
	}
	return answers, nil
}

// Do sends a request and returns the answers of the reply, nil if it has none.
func (x *Index) Do(ctx context.Context, q Request) ([]engine.Answer, error) {
	r, err := x.server.exchange(ctx, x.message(q))
	return r.answers, err
}

func (x *Index) message(q Request) message {
	return message{
		Do: q.Do, Index: x.id, N: q.Vectors.N, D: q.Vectors.D, IDs: len(q.IDs), Fields: q.Fields, vectors: q.Vectors.Data, ids: q.IDs,
	}
}

// Size returns the growth of the process's memory during the build, and the size of the files in the index's folder. The memory
// of a Java process is its heap, without garbage.
func (x *Index) Size() engine.Size { return engine.Size{Memory: x.memory, Disk: x.folder.Bytes()} }

// PID returns the process ID of the side process.
func (x *Index) PID() int { return x.server.process.PID() }

// Close closes the index, removes its folder, and stops the process if no other index is open.
func (x *Index) Close() error {
	if x.server.process.Err() == nil {
		// An error is one of the process, which stops with the last index.
		_, _ = x.server.exchange(context.Background(), x.message(Request{Do: "close"}))
	}
	return errors.Join(x.server.release(), x.folder.Remove())
}
