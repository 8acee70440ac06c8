// Package interrupt ends the wait for work that knows no context, such as reading a large file.
package interrupt

import "context"

// Wait returns what work returns, or the context's error as soon as the context is done. The work then continues without
// anybody waiting for it, so it must change nothing outside the process: the process is expected to end.
func Wait[T any](ctx context.Context, work func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := work()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
