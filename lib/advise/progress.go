package advise

import (
	"context"

	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/progress"
)

// each processes 0 … n−1 in parallel and shows a progress bar. Each worker calls prepare once and processes its numbers with
// the result.
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
