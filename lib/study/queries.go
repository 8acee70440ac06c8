package study

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Ask answers one query.
type Ask func(q int) error

// EachQuery asks every query once, on every core. prepare makes the scratch of one core.
func EachQuery(ctx context.Context, queries []int32, prepare func() (Ask, error)) error {
	var (
		next  atomic.Int64
		wg    sync.WaitGroup
		once  sync.Once
		first error
	)
	work := func() error {
		ask, err := prepare()
		if err != nil {
			return err
		}
		for i := int(next.Add(1)) - 1; i < len(queries); i = int(next.Add(1)) - 1 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := ask(int(queries[i])); err != nil {
				return err
			}
		}
		return nil
	}
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			if err := work(); err != nil {
				once.Do(func() { first = err })
				next.Store(int64(len(queries)))
			}
		})
	}
	wg.Wait()
	return first
}

// firstIDs are 0 … n−1.
func firstIDs(n int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(i)
	}
	return ids
}
