package postings

import (
	"fmt"
	"io"
	"unsafe"

	"golang.org/x/sys/unix"
)

// queue is an engine on the asynchronous reads of Linux: io_setup(2), io_submit(2) and io_getevents(2). One thread starts many
// reads by one call and keeps them in flight. The reads are asynchronous with O_DIRECT alone.
type queue struct {
	fd      int
	context uint64 // aio_context_t
	blocks  []controlBlock
	starts  []*controlBlock
	events  []event // buffer
	ready   []event // events that wait has not returned
}

// controlBlock is the struct iocb of linux/aio_abi.h.
type controlBlock struct {
	data   uint64 // returned in the event
	_      uint64
	_      uint32 // the operation: 0 is IOCB_CMD_PREAD
	fd     uint32
	buffer uint64 // address
	bytes  uint64
	offset int64
	_      [2]uint64
}

// event is the struct io_event of linux/aio_abi.h.
type event struct {
	data   uint64 // of the control block
	_      uint64
	result int64 // bytes that were read, or a negative error number
	_      int64
}

// newQueue returns a queue for depth reads. It is an error if the kernel does not permit asynchronous reads.
func newQueue(fd, depth int) (*queue, error) {
	q := &queue{fd: fd, blocks: make([]controlBlock, depth), starts: make([]*controlBlock, depth), events: make([]event, depth)}
	if _, _, e := unix.Syscall(unix.SYS_IO_SETUP, uintptr(depth), uintptr(unsafe.Pointer(&q.context)), 0); e != 0 {
		return nil, fmt.Errorf("io_setup: %w", e)
	}
	return q, nil
}

func (q *queue) start(requests []request) (started int, err error) {
	for i, r := range requests {
		q.blocks[i] = controlBlock{
			data: uint64(r.tag)<<32 | uint64(len(r.into)), fd: uint32(q.fd), offset: r.at,
			buffer: uint64(uintptr(unsafe.Pointer(unsafe.SliceData(r.into)))), bytes: uint64(len(r.into)),
		}
		q.starts[i] = &q.blocks[i]
	}
	for started < len(requests) {
		n, _, e := unix.Syscall(unix.SYS_IO_SUBMIT, uintptr(q.context), uintptr(len(requests)-started),
			uintptr(unsafe.Pointer(&q.starts[started])))
		if e != 0 && e != unix.EINTR {
			return started, fmt.Errorf("io_submit: %w", e)
		}
		if e == 0 {
			started += int(n)
		}
	}
	return started, nil
}

func (q *queue) wait() (tag int, err error) {
	for len(q.ready) == 0 {
		n, _, e := unix.Syscall6(unix.SYS_IO_GETEVENTS, uintptr(q.context), 1, uintptr(len(q.events)),
			uintptr(unsafe.Pointer(&q.events[0])), 0, 0)
		if e != 0 && e != unix.EINTR {
			return 0, fmt.Errorf("io_getevents: %w", e)
		}
		if e == 0 {
			q.ready = q.events[:n]
		}
	}
	e := q.ready[0]
	q.ready = q.ready[1:]
	tag = int(e.data >> 32)
	switch {
	case e.result < 0:
		return tag, fmt.Errorf("reading: %w", unix.Errno(-e.result))
	case e.result != int64(uint32(e.data)):
		return tag, io.ErrUnexpectedEOF
	}
	return tag, nil
}

func (q *queue) close() error {
	if _, _, e := unix.Syscall(unix.SYS_IO_DESTROY, uintptr(q.context), 0, 0); e != 0 {
		return fmt.Errorf("io_destroy: %w", e)
	}
	return nil
}
