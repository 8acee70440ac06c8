// Package interrupt stops waiting for work that does not accept a context, such as reading a large file.
package interrupt

import "context"

// Wait returns the result of work, or the error of ctx as soon as ctx is done. In that case work continues in the
// background. It must not change anything outside the process, which is expected to end.
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
