package advise

import (
	"context"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"anncapacity/lib/internal/progress"
)

// each does something for 0 … n−1, on every core. prepare makes the scratch of one core.
func (o Options) each(ctx context.Context, what string, n int, prepare func() (func(i int) error, error)) error {
	b := progress.New(o.Progress, what, n, "")
	defer b.Stop()
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range min(n, runtime.GOMAXPROCS(0)) {
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
				b.Add(1)
			}
			return nil
		})
	}
	return group.Wait()
}
