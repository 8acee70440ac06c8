package scale

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// RunName returns the name under which Work.Run of this process records that it works on a folder.
func RunName() string { return worker() }

// Running reports whether a run of this name is recorded in the folder.
func (w *Work) Running(ctx context.Context, run string) (bool, error) {
	_, err := w.folder.Get(ctx, runs+run)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Follow returns a context that is done soon after the run of this name has ended or was killed. It is for workers that a cluster does
// not end with the run, as Spark does not. stop must be called.
func (w *Work) Follow(ctx context.Context, run string) (following context.Context, stop func()) {
	return w.follow(ctx, run, 5*time.Second)
}

func (w *Work) follow(ctx context.Context, run string, interval time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var last []byte
		for seen := time.Now(); ; {
			content, err := w.folder.Get(ctx, runs+run)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				cancel(fmt.Errorf("%s: the run %s has ended: %w", w.Location, run, context.Canceled))
			case err == nil && !bytes.Equal(content, last):
				last, seen = content, time.Now()
			case time.Since(seen) > lifetime:
				cancel(fmt.Errorf("%s: the run %s was killed: %w", w.Location, run, context.Canceled))
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(interval):
			}
		}
	}()
	return ctx, func() { cancel(nil); <-ended }
}
