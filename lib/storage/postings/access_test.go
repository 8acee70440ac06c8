package postings

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"anncapacity/lib/storage/walk"

	"golang.org/x/sys/unix"
)

// readBytes returns the bytes that this process has had read from disks.
func readBytes(t *testing.T) (n int64) {
	t.Helper()
	data, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Skipf("the kernel does not count the bytes read: %v", err)
	}
	_, after, _ := bytes.Cut(data, []byte("\nread_bytes: "))
	if _, err := fmt.Sscan(string(after), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// The kernel counts as many bytes as Cost does, also if a page is read again. Reads of pages in the page cache are not counted.
func TestKernelCountsTheSameBytes(t *testing.T) {
	const pages = 3000
	path := created(t, randomBytes(31*pages, 128, 1), inPages(31*pages, 31))
	for _, access := range []Access{Direct, Evicted, Cached} {
		f, err := Open(path, Options{Access: access})
		if err != nil && access == Direct {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		units := all(300)
		for range 200 {
			units = append(units, rand.Int32N(pages))
		}
		excess := excessBytes(t, f, units)
		for tries := 0; tries < 5 && excess > 0 && excess < 1<<20; tries++ { // pages of the test program may be read, too
			excess = excessBytes(t, f, units)
		}
		if excess > 0 || excess < 0 && access != Cached || excess == 0 && access == Cached {
			t.Errorf("%s: the kernel read %d bytes more", f.Mode(), excess)
		}
	}
}

// excessBytes reads units twice, ten at a time. It returns the difference of the bytes that the kernel has read and those that Read
// has counted.
func excessBytes(t *testing.T, f *File, units []int32) int64 {
	t.Helper()
	var cost Cost
	before := readBytes(t)
	for range 2 {
		for part := range slices.Chunk(units, 10) {
			if err := f.Read(t.Context(), part, &cost, func(walk.Unit) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	return readBytes(t) - before - cost.Bytes()
}

// Files without O_DIRECT are read through the page cache, and Mode says why.
func TestWithoutDirect(t *testing.T) {
	c := files[1]
	for kind, words := range map[string]string{"tmpfs": "in memory", "ramfs": "does not support O_DIRECT"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			if err := syscall.Mount(kind, dir, kind, 0, ""); err != nil {
				t.Skipf("mounting %s needs the right to do so: %v", kind, err)
			}
			defer syscall.Unmount(dir, syscall.MNT_DETACH)
			path := filepath.Join(dir, "vectors")
			if err := Create(t.Context(), path, c.base, c.layout, CreateOptions{}); err != nil {
				t.Fatal(err)
			}
			f := opened(t, path, Options{})
			if mode := f.Mode(); !strings.Contains(mode, "pread") || !strings.Contains(mode, words) {
				t.Errorf("mode %q lacks %q", mode, words)
			}
			checkUnits(t, f, c.base, c.layout, shuffled(f.Units))
			_, err := Open(path, Options{Access: Direct})
			wantError(t, kind, err, path, words)
		})
	}
}

// If the kernel does not permit asynchronous reads, files are read by pread.
func TestWithoutAsynchronousReads(t *testing.T) {
	c := files[1]
	f := opened(t, created(t, c.base, c.layout), Options{})
	f.how.kernel = false
	if err := f.free.close(); err != nil {
		t.Fatal(err)
	}
	checkUnits(t, f, c.base, c.layout, shuffled(f.Units))
}

// Many goroutines read at the same time.
func TestConcurrentReads(t *testing.T) {
	c := files[1]
	for _, access := range []Access{Auto, Evicted} {
		f, err := Open(created(t, c.base, c.layout), Options{Access: access, Depth: 4})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 20 {
					checkUnits(t, f, c.base, c.layout, shuffled(f.Units))
				}
			})
		}
		wg.Wait()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		err = f.Read(t.Context(), []int32{0}, new(Cost), nil)
		if again := f.Close(); !errors.Is(err, os.ErrClosed) || !errors.Is(again, os.ErrClosed) {
			t.Errorf("after Close: %v, %v", err, again)
		}
	}
}

// Close waits until the calls of Read have returned.
func TestCloseWaits(t *testing.T) {
	c := files[0]
	f, err := Open(created(t, c.base, c.layout), Options{})
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error)
	visited := 0
	err = f.Read(t.Context(), all(f.Units), new(Cost), func(walk.Unit) error {
		if visited++; visited == 1 {
			go func() { closed <- f.Close() }()
		}
		return nil
	})
	if failed := <-closed; err != nil || failed != nil || visited != f.Units {
		t.Errorf("%v, %v, %d units", err, failed, visited)
	}
}

// Read ends with an error of visit, with its context and for units that do not exist, and the next Read is right.
func TestReadStops(t *testing.T) {
	c := files[0]
	f := opened(t, created(t, c.base, c.layout), Options{})
	enough := errors.New("enough")
	for want, stop := range map[error]func(cancel func()) error{
		enough:           func(func()) error { return enough },
		context.Canceled: func(cancel func()) error { cancel(); return nil },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		var cost Cost
		err := f.Read(ctx, []int32{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20}, &cost, func(walk.Unit) error { return stop(cancel) })
		if err != want || cost.Units != 1 || cost.Pages < 1 {
			t.Errorf("%v after %+v, want %v", err, cost, want)
		}
		checkUnits(t, f, c.base, c.layout, shuffled(f.Units))
	}
	for _, u := range []int32{-1, int32(f.Units)} {
		err := f.Read(t.Context(), []int32{0, u}, new(Cost), func(walk.Unit) error { t.Error("visited"); return nil })
		wantError(t, "no such unit", err, f.path, fmt.Sprintf("unit %d is out of range", u))
	}
}

// Reading allocates no memory once the buffers have their size.
func TestReadDoesNotAllocate(t *testing.T) {
	c := files[0]
	path := created(t, c.base, c.layout)
	scan, err := walk.NewScan(128, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, access := range []Access{Auto, Evicted} {
		f := opened(t, path, Options{Access: access})
		units, cost := shuffled(f.Units), new(Cost)
		visit := func(u walk.Unit) error { scan.Add(u); return nil }
		got := testing.AllocsPerRun(20, func() {
			if err := f.Read(context.Background(), units, cost, visit); err != nil {
				t.Fatal(err)
			}
		})
		if got > 0 {
			t.Errorf("%s: %g allocations a call", f.Mode(), got)
		}
	}
}

// A read of an unaligned buffer fails with O_DIRECT on a disk: the error names the file, and nothing is visited.
func TestDeviceError(t *testing.T) {
	c := files[0]
	f := opened(t, created(t, c.base, c.layout), Options{})
	if !strings.Contains(f.Mode(), "O_DIRECT,") {
		t.Skip(f.Mode())
	}
	b, err := alignedBuffer(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(b)
	r := f.free.get(f)
	r.buffer = b[1:]
	f.free.put(r)
	err = f.Read(t.Context(), []int32{3, 4}, new(Cost), func(walk.Unit) error { t.Error("visited"); return nil })
	wantError(t, "unaligned", err, f.path, "unit 3, 2 pages", "invalid argument")
	r.buffer = nil
	checkUnits(t, f, c.base, c.layout, shuffled(f.Units))
}
