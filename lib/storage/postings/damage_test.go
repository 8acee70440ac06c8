package postings

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/walk"
)

func wantError(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	testkit.WantMentions(t, what, err, words...)
}

// scratch writes bytes to a new file and returns its path.
func scratch(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vectors.postings")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// readAll opens a file and reads all units. It returns the first error and the number of the unit at which it happened, or −1 if
// it was at opening.
func readAll(path string, access Access) (unit int, err error) {
	f, err := Open(path, Options{Access: access})
	if err != nil {
		return -1, err
	}
	defer f.Close()
	for u := range f.Units {
		if err := f.Read(context.Background(), []int32{int32(u)}, new(Cost), func(walk.Unit) error { return nil }); err != nil {
			return u, err
		}
	}
	return f.Units, nil
}

// A changed byte anywhere is an error: of Open in the header and the index, of Read in the unit that contains it.
func TestAnyChangedByteIsFound(t *testing.T) {
	for _, c := range files[:4] {
		data, err := os.ReadFile(created(t, c.base, c.layout))
		if err != nil {
			t.Fatal(err)
		}
		end := len(data)
		if c.indexed {
			end -= 4 * c.layout.Units()
		}
		places := []int{0, 7, 8, 11, 12, 127, 128, 4095, 4096, 4099, 4100, 4224, 8191, end - 1, len(data) - 1}
		for at := end; at < len(data); at += 4 { // the lowest bytes of the counts
			places = append(places, at)
		}
		for at := 131; at < len(data); at += len(data) / 60 {
			places = append(places, at)
		}
		path := scratch(t, data)
		accesses := []Access{Auto, Evicted, Cached, Evicted, Cached, Evicted, Cached, Evicted, Cached} // closing takes longest with Auto
		for i, at := range places {
			flip(t, path, at, 1<<(i%8))
			unit, err := readAll(path, accesses[i%len(accesses)])
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s: byte %d: %v", c.name, at, err)
			}
			if inHeaderOrIndex := at < 4096 || at >= end; inHeaderOrIndex != (unit == -1) {
				t.Errorf("%s: byte %d: found at unit %d", c.name, at, unit)
			} else if unit >= 0 && !strings.Contains(err.Error(), fmt.Sprintf("unit %d:", unit)) {
				t.Errorf("%s: byte %d: unit %d is not in %v", c.name, at, unit, err)
			}
			flip(t, path, at, 1<<(i%8))
		}
		if unit, err := readAll(path, Auto); err != nil || unit != c.layout.Units() {
			t.Errorf("%s: without damage: unit %d, %v", c.name, unit, err)
		}
	}
}

func flip(t *testing.T, path string, at int, bits byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	one := make([]byte, 1)
	_, err = f.ReadAt(one, int64(at))
	one[0] ^= bits
	if _, written := f.WriteAt(one, int64(at)); err != nil || written != nil {
		t.Fatal(err, written)
	}
}

// A unit at the place of another is an error, also if it is complete.
func TestUnitsAtWrongPlaces(t *testing.T) {
	data, err := os.ReadFile(created(t, files[0].base, files[0].layout))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(created(t, randomBytes(2000, 128, 99), files[0].layout))
	if err != nil {
		t.Fatal(err)
	}
	moved := append([]byte(nil), data...)
	copy(moved[4096:], data[8192:12288])
	mixed := append([]byte(nil), data...)
	copy(mixed[4096:], other[4096:8192])
	for what, bad := range map[string][]byte{"moved": moved, "of another file": mixed} {
		if unit, err := readAll(scratch(t, bad), Auto); unit != 0 || !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: unit %d, %v", what, unit, err)
		}
	}
}

// A file of another size, whatever the size, is an error of Open.
func TestOtherSizes(t *testing.T) {
	for _, c := range files[:2] {
		data, err := os.ReadFile(created(t, c.base, c.layout))
		if err != nil {
			t.Fatal(err)
		}
		sizes := []int{0, 1, 8, 128, 4095, len(data) - 1, len(data) - 4, len(data) + 1, len(data) + 4096}
		for size := 4096; size < len(data); size += 4096 {
			sizes = append(sizes, size)
		}
		for _, size := range sizes {
			_, err := readAll(scratch(t, append(data, make([]byte, 4096)...)[:size]), Auto)
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) {
				t.Errorf("%s: %d of %d bytes: %v", c.name, size, len(data), err)
			}
			wantError(t, fmt.Sprint(size, " bytes"), err, fmt.Sprintf("it has %d bytes", size))
		}
	}
}

func TestForeignFiles(t *testing.T) {
	data, err := os.ReadFile(created(t, files[0].base, files[0].layout))
	if err != nil {
		t.Fatal(err)
	}
	newer := append([]byte(nil), data...)
	newer[8]++
	for want, bad := range map[string][]byte{
		`does not begin with "ANNUNITS"`:                 make([]byte, 1<<14),
		"its version is 2; this program reads version 1": newer,
	} {
		_, err := Open(scratch(t, bad), Options{})
		if wantError(t, want, err, want); !errors.Is(err, ErrForeign) {
			t.Error(err)
		}
	}
	_, err = Open(t.TempDir(), Options{})
	wantError(t, "a folder", err, "not a regular file")
	if _, err = Open(filepath.Join(t.TempDir(), "none"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	for _, o := range []Options{{Depth: -1}, {Depth: 257}, {Access: 9}} {
		_, err = Open(scratch(t, data), o)
		wantError(t, fmt.Sprint(o), err, "vectors.postings")
	}
}

// If an open file is replaced, removed, changed or cut off, the next Read is an error, and right answers come before it.
func TestFileChangesWhileOpen(t *testing.T) {
	c := files[0]
	other := created(t, randomBytes(2000, 128, 99), c.layout)
	for what, change := range map[string]func(path string) error{
		"replaced": func(path string) error { return os.Rename(other, path) },
		"removed":  os.Remove,
		"cut off":  func(path string) error { return os.Truncate(path, 40960) },
		"written": func(path string) error {
			data, err := os.ReadFile(path)
			return errors.Join(err, os.WriteFile(path, data, 0o644))
		},
	} {
		path := created(t, c.base, c.layout)
		f := opened(t, path, Options{})
		checkUnits(t, f, c.base, c.layout, all(f.Units))
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		err := f.Read(t.Context(), []int32{3}, new(Cost), func(walk.Unit) error { t.Errorf("%s: a unit was visited", what); return nil })
		if wantError(t, what, err, path); !errors.Is(err, ErrChanged) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// If a file changes between the check and the read, the checksum differs or the read is too short.
func TestFileChangesWhileReading(t *testing.T) {
	c := files[0]
	for _, access := range []Access{Auto, Evicted} {
		path := created(t, c.base, c.layout)
		f := opened(t, path, Options{Access: access, Depth: 1})
		err := f.Read(t.Context(), []int32{1, 5, 9, 13}, new(Cost), func(u walk.Unit) error {
			if u.Number == 1 {
				flip(t, path, 4096*10+100, 4)
			}
			return nil
		})
		if wantError(t, "a changed byte", err, path, "unit 9"); !errors.Is(err, ErrDamaged) {
			t.Error(err)
		}
		path = created(t, c.base, c.layout)
		f = opened(t, path, Options{Access: access, Depth: 1})
		err = f.Read(t.Context(), []int32{1, 5, 9, 13}, new(Cost), func(walk.Unit) error { return os.Truncate(path, 4096*8) })
		if wantError(t, "cut off", err, path, "unit 9", "shorter"); !errors.Is(err, ErrChanged) {
			t.Error(err)
		}
	}
}
