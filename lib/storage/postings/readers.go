package postings

import (
	"errors"
	"math/bits"
	"sync"

	"golang.org/x/sys/unix"
)

// readers are the readers of a file that are not in use. There are as many as there were calls of Read at the same time.
type readers struct {
	mu   sync.Mutex
	free []*reader
}

// get returns a reader that is not in use, or a new one.
func (s *readers) get(f *File) *reader {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.free) - 1; last >= 0 {
		r := s.free[last]
		s.free = s.free[:last]
		return r
	}
	return &reader{f: f, engine: f.newEngine()}
}

// newEngine returns a queue or, if the kernel has no room for one more, a pool.
func (f *File) newEngine() engine {
	if f.how.kernel {
		if q, err := newQueue(f.fd(), f.depth); err == nil {
			return q
		}
	}
	return newPool(f.fd(), f.depth, f.how.evict)
}

func (s *readers) put(r *reader) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, r)
}

// close ends the readers.
func (s *readers) close() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.free {
		err = errors.Join(err, r.engine.close(), r.release())
	}
	s.free = nil
	return err
}

// grow makes the buffer at least size bytes long. The size is rounded up to a power of two.
func (r *reader) grow(size int) (err error) {
	if size <= len(r.buffer) {
		return nil
	}
	if err := r.release(); err != nil {
		return err
	}
	r.buffer, err = alignedBuffer(1 << bits.Len(uint(size-1)))
	return err
}

// release frees the buffer.
func (r *reader) release() error {
	if r.buffer == nil {
		return nil
	}
	b := r.buffer
	r.buffer = nil
	return unix.Munmap(b)
}
