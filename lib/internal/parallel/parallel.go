// Package parallel shares work that has no order among the cores.
package parallel

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// For calls do(0) … do(n−1) on every core, each once, in no defined order.
func For(n int, do func(i int)) {
	Workers(n, Limit(n), func(_, i int) { do(i) })
}

// Limit is how many workers n pieces of work can keep busy.
func Limit(n int) int { return min(n, runtime.GOMAXPROCS(0)) }

// Workers is For with a fixed number of workers: do is also told which of them it runs on, 0 … workers−1, so that each can have
// scratch of its own.
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

// Each calls do(0) … do(n−1) on every core, each at most once, in no defined order. Every core has its own do, which prepare returns
// with scratch of its own. The first error stops the others, each after the piece of work that it has begun, and is returned; so is
// that of ctx, if it ends before the work does.
func Each(ctx context.Context, n int, prepare func() (do func(i int) error, err error)) error {
	return EachOn(ctx, n, Limit(n), prepare)
}

// EachOn is Each with a fixed number of workers, which call prepare once each. One worker goes from 0 to n−1 in order.
func EachOn(ctx context.Context, n, workers int, prepare func() (do func(i int) error, err error)) error {
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range min(n, workers) {
		group.Go(func() error {
			do, err := prepare()
			if err != nil {
				return err
			}
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := do(i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}
