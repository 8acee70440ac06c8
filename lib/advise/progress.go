package advise

import (
	"context"

	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/progress"
)

// each does something for 0 … n−1, on every core, and shows how far it is. prepare makes the scratch of one core.
func (o Options) each(ctx context.Context, what string, n int, prepare func() (func(i int) error, error)) error {
	bar := progress.New(o.Progress, what, n, "")
	defer bar.Stop()
	return parallel.Each(ctx, n, func() (func(i int) error, error) {
		do, err := prepare()
		return func(i int) error {
			defer bar.Add(1)
			return do(i)
		}, err
	})
}
