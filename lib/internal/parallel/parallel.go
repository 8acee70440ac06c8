// Package parallel shares work that has no order among the cores.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
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
