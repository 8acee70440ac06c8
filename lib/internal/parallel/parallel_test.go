package parallel

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"
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

// A worker does one piece of work at a time.
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

func nothing(int) error { return nil }

// Every piece of work is done once, by a worker that does one piece at a time with its own scratch memory.
func TestEach(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		done := make([]atomic.Int32, n)
		var prepared atomic.Int32
		err := EachOn(t.Context(), n, 4, func() (func(int) error, error) {
			prepared.Add(1)
			var busy atomic.Bool
			return func(i int) error {
				if busy.Swap(true) {
					t.Errorf("a worker was busy when it was given %d", i)
				}
				runtime.Gosched()
				done[i].Add(1)
				busy.Store(false)
				return nil
			}, nil
		})
		if err != nil || int(prepared.Load()) != min(n, 4) {
			t.Errorf("n = %d: %v, %d workers", n, err, prepared.Load())
		}
		for i := range done {
			if got := done[i].Load(); got != 1 {
				t.Errorf("n = %d: %d was done %d times", n, i, got)
			}
		}
	}
}

func TestEachOnOneWorkerIsInOrder(t *testing.T) {
	var order []int
	EachOn(t.Context(), 5, 1, func() (func(int) error, error) {
		return func(i int) error { order = append(order, i); return nil }, nil
	})
	if !slices.Equal(order, []int{0, 1, 2, 3, 4}) {
		t.Errorf("order %v", order)
	}
}

// The first error ends the work of all, and is the one that is returned.
func TestEachStopsAtAnError(t *testing.T) {
	broken := errors.New("broken")
	var done atomic.Int32
	err := EachOn(t.Context(), 1000, 2, func() (func(int) error, error) {
		return func(i int) error {
			if done.Add(1) == 10 {
				return broken
			}
			time.Sleep(time.Millisecond)
			return nil
		}, nil
	})
	if !errors.Is(err, broken) || done.Load() == 1000 {
		t.Errorf("%v after %d", err, done.Load())
	}
	err = Each(t.Context(), 1000, func() (func(int) error, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Errorf("no scratch: %v", err)
	}
}

func TestEachStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var done atomic.Int32
	err := EachOn(ctx, 1000, 2, func() (func(int) error, error) {
		return func(int) error {
			if done.Add(1) == 10 {
				cancel()
			}
			return nil
		}, nil
	})
	if !errors.Is(err, context.Canceled) || done.Load() > 11 {
		t.Errorf("%v after %d", err, done.Load())
	}
	if err := Each(ctx, 1, func() (func(int) error, error) { return nothing, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}
