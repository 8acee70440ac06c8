// Package parallel distributes independent pieces of work over the cores.
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// For calls do(0) … do(n−1) once each, on all cores, in unspecified order.
func For(n int, do func(i int)) {
	Workers(n, Limit(n), func(_, i int) { do(i) })
}

// Limit returns the number of workers for n pieces of work: n, but at most GOMAXPROCS.
func Limit(n int) int { return min(n, runtime.GOMAXPROCS(0)) }

// Workers is like For with a fixed number of workers. It passes the number of the worker, 0 … workers−1, to do, so that each
// worker can have its own scratch memory.
func Workers(n, workers int, do func(worker, i int)) {
	if n == 1 || workers == 1 {
		for i := range n {
			do(0, i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range min(n, workers) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(worker, i)
			}
		})
	}
	wg.Wait()
}

// Each calls do(0) … do(n−1) at most once each, on all cores, in unspecified order. It calls prepare for every worker, which
// returns the worker's do with its own scratch memory. Each returns the first error of prepare or do, or the error of ctx if
// ctx is done before the work is. After an error, every worker stops when its current piece of work is done.
func Each(ctx context.Context, n int, prepare func() (do func(i int) error, err error)) error {
	return EachOn(ctx, n, Limit(n), prepare)
}

// EachOn is like Each with a fixed number of workers. A single worker does the work in order.
func EachOn(ctx context.Context, n, workers int, prepare func() (do func(i int) error, err error)) error {
	var next atomic.Int64
	var group errgroup.Group
	work := func() error {
		do, err := prepare()
		for i := int(next.Add(1)) - 1; i < n && err == nil; i = int(next.Add(1)) - 1 {
			if err = ctx.Err(); err == nil {
				err = do(i)
			}
		}
		return err
	}
	for range min(n, workers) {
		group.Go(func() error {
			err := work()
			if err != nil {
				next.Store(int64(n)) // nothing more is begun
			}
			return err
		})
	}
	return group.Wait()
}
