package advise

import (
	"context"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"
)

// bar shows steps done, and with steps = −1 the time that passes.
func (o Options) bar(what string, steps int) *progressbar.ProgressBar {
	return progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(o.Progress),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30),
		progressbar.OptionSetVisibility(o.Progress != io.Discard),
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionThrottle(200*time.Millisecond),
		progressbar.OptionSetSpinnerChangeInterval(time.Second),
		progressbar.OptionOnCompletion(func() { io.WriteString(o.Progress, "\n") }),
	)
}

// spin shows that something of unknown length is under way, until the returned function is called.
func (o Options) spin(what string) (stop func()) {
	b := o.bar(what, -1)
	b.StartWithoutRender() // from now on it draws itself
	return func() { b.Finish() }
}

// each does something for 0 … n−1, on every core. prepare makes the scratch of one core.
func (o Options) each(ctx context.Context, what string, n int, prepare func() (func(i int) error, error)) error {
	b := o.bar(what, n)
	defer func() {
		if !b.IsFinished() { // a bar that is full has ended its line by itself
			b.Exit()
		}
	}()
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
