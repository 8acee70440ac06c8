package postings

import (
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

// request is a read of len(into) bytes at an offset of the file.
type request struct {
	tag  int // identifies the read
	at   int64
	into []byte
}

// engine reads in the background. It is used by one goroutine at a time.
type engine interface {
	// start starts reads and returns how many were started. Never more than the depth of the engine may be in flight.
	start(requests []request) (int, error)
	// wait waits for one of the started reads to end and returns its tag.
	wait() (tag int, err error)
	// close ends the engine, which must have no reads in flight.
	close() error
}

// pool is an engine of goroutines that call pread.
type pool struct {
	fd       int
	evict    bool // pages are dropped from the page cache before they are read
	requests chan request
	ended    chan ended
}

// ended is the end of a read.
type ended struct {
	tag int
	err error
}

func newPool(fd, depth int, evict bool) *pool {
	p := &pool{fd: fd, evict: evict, requests: make(chan request, depth), ended: make(chan ended, depth)}
	for range depth {
		go func() {
			for r := range p.requests {
				p.ended <- ended{r.tag, p.read(r)}
			}
		}()
	}
	return p
}

func (p *pool) start(requests []request) (int, error) {
	for _, r := range requests {
		p.requests <- r
	}
	return len(requests), nil
}

func (p *pool) wait() (int, error) {
	e := <-p.ended
	return e.tag, e.err
}

func (p *pool) close() error {
	close(p.requests)
	return nil
}

func (p *pool) read(r request) error {
	if p.evict {
		if err := evict(p.fd, r.at, int64(len(r.into))); err != nil {
			return err
		}
	}
	for len(r.into) > 0 {
		n, err := unix.Pread(p.fd, r.into, r.at)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return fmt.Errorf("pread: %w", err)
		case n == 0:
			return io.ErrUnexpectedEOF
		default:
			r.into, r.at = r.into[n:], r.at+int64(n)
		}
	}
	return nil
}
