package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"anncapacity/lib/internal/progress"
)

// client holds the timeouts and the number of attempts of a download.
type client struct {
	idle     time.Duration // time without a byte after which a connection counts as stalled
	pause    time.Duration // time before the second attempt; doubled for each further attempt
	attempts int           // maximum number of consecutive attempts that transfer nothing
}

var standardClient = &client{idle: 30 * time.Second, pause: time.Second, attempts: 6}

// web requests addresses of http, https and ftp.
var web = func() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.RegisterProtocol("ftp", ftpTransport{})
	return &http.Client{Transport: transport}
}()

var errStalled = errors.New("the server sends nothing")

// finalError is an error after which there is no further attempt.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// transfer appends to part until it has the size of f, from its URL or, if that fails, from its mirrors. If all fail, the error
// is the last one.
func (c *client) transfer(ctx context.Context, f File, part *os.File, w io.Writer) error {
	err := c.transferFrom(ctx, f, part, w)
	for _, mirror := range f.Mirrors {
		if err == nil || ctx.Err() != nil {
			return err
		}
		fmt.Fprintf(w, "\n%v; trying %s\n", err, mirror)
		f.URL = mirror
		err = c.transferFrom(ctx, f, part, w)
	}
	return err
}

// transferFrom appends to part until it has the size of f, from its URL. It opens new connections until c.attempts consecutive ones transfer
// nothing.
func (c *client) transferFrom(ctx context.Context, f File, part *os.File, w io.Writer) error {
	bar := progress.NewBytes(w, f.Name, f.Bytes)
	defer bar.Stop()
	best, failures := int64(-1), 0
	for {
		have, err := sizeOfPart(part, f.Bytes)
		if err != nil || have == f.Bytes {
			return err
		}
		if have > best {
			best, failures = have, 0
		}
		err = c.attempt(ctx, f, part, have, bar)
		final := finalError{}
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &final):
			return fmt.Errorf("%s: %w", f.URL, err)
		}
		if failures++; failures == c.attempts {
			return fmt.Errorf("%s: %w; %d of %d bytes are in %s: run the same command to continue or, without a network, copy the file from another machine to %s",
				f.URL, err, best, f.Bytes, part.Name(), strings.TrimSuffix(part.Name(), partSuffix))
		}
		fmt.Fprintf(w, "\n%s: %v; trying again\n", f.Name, err)
		if err := sleep(ctx, c.pause<<(failures-1)); err != nil {
			return err
		}
	}
}

// sizeOfPart returns the size of part. It truncates part to 0 if part is longer than want.
func sizeOfPart(part *os.File, want int64) (int64, error) {
	info, err := part.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() > want {
		return 0, part.Truncate(0)
	}
	return info.Size(), nil
}

// attempt requests the bytes from offset have and appends the response to part. It returns nil when the file is complete.
func (c *client) attempt(ctx context.Context, f File, part *os.File, have int64, bar *progress.Bar) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(c.idle, func() { cancel(errStalled) })
	defer watch.Stop()
	response, err := request(ctx, f.URL, have)
	if err != nil {
		return stalledOr(ctx, err)
	}
	defer response.Body.Close()
	from, err := startOf(response, have, f.Bytes)
	if err != nil {
		return err
	}
	if err := part.Truncate(from); err != nil {
		return finalError{err}
	}
	bar.Set(from)
	for at := from; at < f.Bytes; {
		n, err := copyBlock(part, at, f.Bytes, response.Body)
		at += n
		watch.Reset(c.idle)
		bar.Add(int(n))
		if err != nil {
			return stalledOr(ctx, err)
		}
	}
	return nil
}

func stalledOr(ctx context.Context, err error) error {
	if context.Cause(ctx) == errStalled {
		return errStalled
	}
	return err
}

func request(ctx context.Context, url string, from int64) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, finalError{err}
	}
	r.Header.Set("Accept-Encoding", "identity")
	if from > 0 {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	return web.Do(r)
}

// startOf returns the offset of the response's first byte: have if the server supports resuming, otherwise 0. It is an error
// if the size of the file on the server is not want.
func startOf(r *http.Response, have, want int64) (int64, error) {
	total, from := r.ContentLength, int64(0)
	switch {
	case r.StatusCode == http.StatusOK:
	case r.StatusCode == http.StatusPartialContent:
		var last int64
		if _, err := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-%d/", &from, &last); err != nil || from != have {
			return 0, finalError{fmt.Errorf("the request was for bytes from %d, the server sends %q", have, r.Header.Get("Content-Range"))}
		}
		total = totalOf(r.Header.Get("Content-Range"))
	case r.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		total = totalOf(r.Header.Get("Content-Range"))
		if total < 0 || total == want {
			return 0, finalError{fmt.Errorf("the server has no bytes from %d, want %d bytes", have, want)}
		}
	case r.StatusCode >= 500 || r.StatusCode == http.StatusTooManyRequests || r.StatusCode == http.StatusRequestTimeout:
		return 0, errors.New(r.Status)
	default:
		return 0, finalError{errors.New(r.Status)}
	}
	if total >= 0 && total != want {
		return 0, finalError{fmt.Errorf("the server has %d bytes, want %d", total, want)}
	}
	return from, nil
}

// totalOf returns the size in a Content-Range header, or -1 if it is unknown.
func totalOf(header string) int64 {
	_, total, _ := strings.Cut(header, "/")
	n, err := strconv.ParseInt(total, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

const blockBytes = 1 << 18

// copyBlock writes the bytes of one read from body to part at offset at and returns their number. It is an error if body ends
// before offset want.
func copyBlock(part *os.File, at, want int64, body io.Reader) (int64, error) {
	block := make([]byte, min(blockBytes, want-at))
	n, err := body.Read(block)
	if _, err := part.WriteAt(block[:n], at); err != nil {
		return 0, finalError{fmt.Errorf("%w (%d of %d bytes are stored: free some space and run the same command to continue)", err, at, want)}
	}
	if err == io.EOF && at+int64(n) < want {
		return int64(n), io.ErrUnexpectedEOF
	}
	if err == io.EOF {
		err = nil
	}
	return int64(n), err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
