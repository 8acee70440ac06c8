package shard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"gocloud.dev/gcerrors"
)

// retry calls request until it succeeds, fails with an error that a repetition does not change, or has failed as often as the
// options allow. It waits before each repetition and notes it. Errors name the object.
func (b *bucket) retry(ctx context.Context, name, what string, request func() error) error {
	wait, start := b.options.Wait, time.Now()
	for attempt := 1; ; attempt++ {
		err := request()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("%s: %w", name, ctx.Err())
		case !transient(err):
			return fmt.Errorf("%s: %w", name, explained(err))
		case attempt == b.options.Attempts:
			took := time.Since(start).Round(time.Millisecond)
			return fmt.Errorf("%s: %d attempts in %v to %s it failed; the last: %w", name, attempt, took, what, explained(err))
		}
		fmt.Fprintf(b.options.Notes, "%s: attempt %d of %d to %s it failed, the next in %v: %v\n",
			name, attempt, b.options.Attempts, what, wait, err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, 32*b.options.Wait)
	}
}

// lasting are the kinds of errors that a repetition of the request does not change.
var lasting = []gcerrors.ErrorCode{
	gcerrors.NotFound, gcerrors.AlreadyExists, gcerrors.InvalidArgument, gcerrors.Unimplemented,
	gcerrors.FailedPrecondition, gcerrors.PermissionDenied,
}

// transient reports whether the request may succeed when it is repeated: after a broken connection, a time-out, or an error of the
// server.
func transient(err error) bool {
	status := statusOf(err)
	switch {
	case errors.Is(err, errChanged) || slices.Contains(lasting, gcerrors.Code(err)) || lacksCredentials(err) || mismatched(err):
		return false
	case status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status == http.StatusConflict:
		return true // a conflict is that of two conditional writes at the same time
	}
	return status < 400 || status >= 500
}

// statusOf returns the HTTP status of an error of the AWS SDK, or 0.
func statusOf(err error) int {
	var response interface{ HTTPStatusCode() int }
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// lacksCredentials reports whether the AWS SDK or Google's library found no credentials for the request.
func lacksCredentials(err error) bool {
	return strings.Contains(err.Error(), "get credentials") || strings.Contains(err.Error(), "could not find default credentials")
}

// mismatched reports whether the AWS SDK or Google's library found that what it received is not what the checksum of the store says.
func mismatched(err error) bool {
	return strings.Contains(err.Error(), "checksum did not match") || strings.Contains(err.Error(), "bad CRC on read")
}

// explained adds what a user can do. Errors of objects that do not exist wrap fs.ErrNotExist, those of objects that do not match their
// checksums ErrDamaged.
func explained(err error) error {
	status := statusOf(err)
	switch {
	case gcerrors.Code(err) == gcerrors.NotFound:
		return &missing{err}
	case mismatched(err):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case lacksCredentials(err):
		return fmt.Errorf("there are no credentials (set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile; "+
			"for gs:// GOOGLE_APPLICATION_CREDENTIALS): %w", err)
	case gcerrors.Code(err) == gcerrors.PermissionDenied || status == http.StatusForbidden || status == http.StatusUnauthorized:
		return fmt.Errorf("no permission with these credentials: %w", err)
	}
	return err
}

// missing is the error of an object or a bucket that does not exist.
type missing struct{ error }

func (m *missing) Error() string { return "does not exist: " + m.error.Error() }

func (m *missing) Unwrap() []error { return []error{fs.ErrNotExist, m.error} }
