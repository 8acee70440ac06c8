package postings

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Access is a way of reading.
type Access uint8

const (
	// Auto is Direct where the file system supports it and Evicted elsewhere.
	Auto Access = iota
	// Direct reads with O_DIRECT: past the page cache, from the disk. It is an error if the file system does not support it.
	Direct
	// Evicted reads through the page cache, after posix_fadvise(POSIX_FADV_DONTNEED) has dropped the pages from it.
	Evicted
	// Cached reads through the page cache. Pages that are in it are not read from the disk.
	Cached
)

// access is how a file is read.
type access struct {
	words  string
	evict  bool // pages are dropped from the page cache before they are read
	kernel bool // with the kernel's asynchronous reads
}

var errNoDirect = errors.New("the file system does not support O_DIRECT")

// setAccess sets how the file is read.
func (f *File) setAccess(a Access) error {
	if a > Cached {
		return fmt.Errorf("access %d is unknown", a)
	}
	why := ""
	if a == Auto || a == Direct {
		err := f.setDirect()
		if err == nil || a == Direct {
			return err
		}
		why = "; " + err.Error()
	}
	if err := unix.Fadvise(f.fd(), 0, 0, unix.FADV_RANDOM); err != nil { // no pages but those that are asked for
		return fmt.Errorf("posix_fadvise: %w", err)
	}
	if a == Cached {
		f.how = access{words: fmt.Sprintf("pread through the page cache, %d at a time", f.depth)}
		return nil
	}
	f.how = access{words: fmt.Sprintf("pread after posix_fadvise(DONTNEED), %d at a time%s", f.depth, why), evict: true}
	return evict(f.fd(), 0, 0)
}

// evict drops pages from the page cache; a length of 0 means up to the end of the file.
func evict(fd int, from, length int64) error {
	if err := unix.Fadvise(fd, from, length, unix.FADV_DONTNEED); err != nil {
		return fmt.Errorf("posix_fadvise: %w", err)
	}
	return nil
}

// setDirect sets O_DIRECT and reads a page to see whether it works.
func (f *File) setDirect() error {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(f.fd(), &fs); err != nil {
		return err
	}
	if fs.Type == unix.TMPFS_MAGIC {
		return errors.New("the file lies on tmpfs, in memory, and nothing is read from a disk")
	}
	flags, err := unix.FcntlInt(uintptr(f.fd()), unix.F_GETFL, 0)
	if err != nil {
		return err
	}
	if _, err := unix.FcntlInt(uintptr(f.fd()), unix.F_SETFL, flags|unix.O_DIRECT); err != nil {
		return errNoDirect
	}
	if err := f.tryPage(); err != nil {
		_, restored := unix.FcntlInt(uintptr(f.fd()), unix.F_SETFL, flags)
		return errors.Join(errNoDirect, restored)
	}
	q, err := newQueue(f.fd(), f.depth)
	if err != nil { // the kernel, or the container, does not permit it
		f.how = access{words: fmt.Sprintf("O_DIRECT, pread, %d at a time", f.depth)}
		return nil
	}
	f.how = access{words: fmt.Sprintf("O_DIRECT, asynchronous reads, %d at a time", f.depth), kernel: true}
	f.free.put(&reader{f: f, engine: q}) // the first Read uses it
	return nil
}

// tryPage reads the first page.
func (f *File) tryPage() error {
	page, err := alignedBuffer(pageBytes)
	if err != nil {
		return err
	}
	defer unix.Munmap(page)
	_, err = unix.Pread(f.fd(), page, 0)
	return err
}

// alignedBuffer returns memory that begins at a page. It is outside of the garbage-collected heap, so that the kernel may write
// to it while no Go code refers to it. unix.Munmap frees it.
func alignedBuffer(size int) ([]byte, error) {
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("%d bytes of memory for reading: %w", size, err)
	}
	return b, nil
}
