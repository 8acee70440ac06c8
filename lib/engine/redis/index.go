package redis

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync/atomic"

	client "github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Index implements engine.Batcher with a vector set in its own server. The name of an element is its row number.
type Index struct {
	o      engine.Options
	ef     int
	empty  int64 // the server's memory before the first vector
	server *server
}

const (
	key      = "vectors"
	pipeline = 32 // number of commands sent together
)

func open(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
	s, err := start(ctx, o.Threads)
	if err != nil {
		return nil, err
	}
	x := &Index{o: o, server: s, empty: s.Memory()}
	if err := x.fill(ctx, base); err != nil {
		return nil, errors.Join(s.Explain(err), s.stop())
	}
	return x, nil
}

// fill inserts the rows of base. The first creates the set.
func (x *Index) fill(ctx context.Context, base ann.Vectors) error {
	var done atomic.Int64
	return x.each(ctx, base.N, func(ctx context.Context, from, to int) error {
		_, err := x.server.client.Pipelined(ctx, func(p client.Pipeliner) error {
			for i := from; i < to; i++ {
				p.VAddWithArgs(ctx, key, strconv.Itoa(i), blob(base.Row(i)), x.adding(i))
			}
			return nil
		})
		x.o.ReportPoint(int(done.Add(int64(to-from))), base.N, "points")
		return err
	})
}

// adding returns the options of the insertion of a row. The attribute of the row is the field a.
func (x *Index) adding(row int) *client.VAddArgs {
	args := &client.VAddArgs{NoQuant: true, M: int64(x.o.M), EF: int64(x.o.EfConstruction), Cas: x.o.Threads > 1}
	if x.o.Attributes != nil {
		args.SetAttr = fmt.Sprintf(`{"a": %d}`, x.o.Attributes[row])
	}
	return args
}

// each calls do with the ranges of n commands that are sent together, from Options.Threads goroutines.
func (x *Index) each(ctx context.Context, n int, do func(ctx context.Context, from, to int) error) error {
	group, inGroup := errgroup.WithContext(ctx)
	group.SetLimit(x.o.Threads)
	for from := 0; from < n && inGroup.Err() == nil; from += pipeline {
		group.Go(func() error {
			if err := inGroup.Err(); err != nil {
				return err
			}
			return do(inGroup, from, min(from+pipeline, n))
		})
	}
	return errors.Join(group.Wait(), ctx.Err())
}

// blob returns a vector in Redis's binary format: 32-bit floats, lowest byte first.
func blob(v []float32) client.Vector {
	bytes := make([]byte, 0, 4*len(v))
	for _, f := range v {
		bytes = binary.LittleEndian.AppendUint32(bytes, math.Float32bits(f))
	}
	return &client.VectorFP32{Val: bytes}
}

// SetEfSearch implements engine.Adapter. Redis rejects values above 1,000,000.
func (x *Index) SetEfSearch(ef int) error {
	if ef > engine.Redis.Most {
		return fmt.Errorf("EF %d: must be at most %d", ef, engine.Redis.Most)
	}
	x.ef = ef
	return nil
}

// Ask implements engine.Adapter.
func (x *Index) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	return engine.First(x.AskBatch(ctx, engine.One(query), k))
}

// AskBatch implements engine.Batcher. It sends pipelines of queries on Options.Threads connections.
func (x *Index) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	return x.ask(ctx, queries, client.VSimArgs{Count: int64(k), EF: int64(x.ef)})
}

// AskBelow implements engine.Filterer.
func (x *Index) AskBelow(ctx context.Context, query []float32, k int, below int32) (engine.Answer, error) {
	with := client.VSimArgs{Count: int64(k), EF: int64(x.ef), Filter: fmt.Sprintf(".a < %d", below)}
	return engine.First(x.ask(ctx, engine.One(query), with))
}

// Delete implements engine.Deleter.
func (x *Index) Delete(ctx context.Context, ids []int32) error {
	err := x.each(ctx, len(ids), func(ctx context.Context, from, to int) error {
		sent, err := x.server.client.Pipelined(ctx, func(p client.Pipeliner) error {
			for _, id := range ids[from:to] {
				p.VRem(ctx, key, strconv.Itoa(int(id)))
			}
			return nil
		})
		for i, command := range sent {
			if err == nil && !command.(*client.BoolCmd).Val() {
				err = fmt.Errorf("element %d was not deleted", ids[from+i])
			}
		}
		return err
	})
	return x.server.Explain(err)
}

func (x *Index) ask(ctx context.Context, queries ann.Vectors, with client.VSimArgs) ([]engine.Answer, error) {
	answers := make([]engine.Answer, queries.N)
	err := x.each(ctx, queries.N, func(ctx context.Context, from, to int) error {
		sent, err := x.server.client.Pipelined(ctx, func(p client.Pipeliner) error {
			for i := from; i < to; i++ {
				p.VSimWithArgsWithScores(ctx, key, blob(queries.Row(i)), &with)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for i, command := range sent {
			if answers[from+i], err = read(command.(*client.VectorScoreSliceCmd).Val()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, x.server.Explain(err)
	}
	return answers, nil
}

func read(found []client.VectorScore) (engine.Answer, error) {
	a := engine.Answer{IDs: make([]int32, len(found)), Distances: make([]float32, len(found))}
	for i, f := range found {
		id, err := strconv.ParseInt(f.Name, 10, 32)
		if err != nil {
			return a, err
		}
		a.IDs[i], a.Distances[i] = int32(id), float32(f.Score)
	}
	return a, nil
}

// Size returns the growth of the server's memory since before the first vector.
func (x *Index) Size() engine.Size { return engine.Size{Memory: max(0, x.server.Memory()-x.empty)} }

// PID returns the process ID of the server.
func (x *Index) PID() int { return x.server.PID() }

// Close stops the server and removes its folder.
func (x *Index) Close() error { return x.server.stop() }
