package parallel

import (
	"runtime"
	"sync/atomic"
	"testing"
)

func TestEachOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		done := make([]atomic.Int32, n)
		For(n, func(i int) { done[i].Add(1) })
		for i := range done {
			if got := done[i].Load(); got != 1 {
				t.Fatalf("n = %d: %d was done %d times", n, i, got)
			}
		}
	}
}

// No worker does two things at a time.
func TestWorkersHaveTheirOwnScratch(t *testing.T) {
	const workers = 4
	busy := make([]atomic.Bool, workers)
	Workers(500, workers, func(worker, i int) {
		if busy[worker].Swap(true) {
			t.Errorf("worker %d was busy when it was given %d", worker, i)
		}
		runtime.Gosched()
		busy[worker].Store(false)
	})
}
