package embedding

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
)

// checkRanges reads a file in ranges of three rows, from its beginning and from its middle. The numbers must be those that Open
// read, and a file that Open refused must be refused.
func checkRanges(t *testing.T, path string, want ann.Vectors, refused error) {
	t.Helper()
	file, member := splitMember(path)
	info, missing := os.Stat(file)
	if f, ok := formatOf(file); !ok || !slices.Contains(MatrixExtensions, f.extensions[0]) || missing != nil || info.IsDir() {
		return
	}
	got, err := inRanges(file, member, 0)
	if refused == nil && err != nil && strings.Contains(err.Error(), "Fortran") {
		return
	}
	if (err == nil) != (refused == nil) {
		t.Errorf("%s: in ranges: %v; as a whole: %v", path, err, refused)
	}
	if err != nil || refused != nil {
		return
	}
	if !sameMatrix(got, want) {
		t.Errorf("%s: %d × %d in ranges differ from %d × %d", path, got.N, got.D, want.N, want.D)
	}
	half, err := inRanges(file, member, want.N/2)
	if after := want.Data[want.N/2*want.D:]; err != nil || !sameMatrix(half, ann.Vectors{N: want.N - want.N/2, D: want.D, Data: after}) {
		t.Errorf("%s: from row %d: %v", path, want.N/2, err)
	}
}

// inRanges reads the rows of a file from the given one on.
func inRanges(file, member string, from int) (v ann.Vectors, err error) {
	f, err := os.Open(file)
	if err != nil {
		return v, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return v, err
	}
	m, err := OpenMatrix(filepath.Base(file), f, info.Size(), member)
	if err != nil {
		return v, err
	}
	if m.Len() == 0 {
		return v, errors.New("holds no rows")
	}
	if err := jumps(m, f); err != nil {
		return v, err
	}
	v = ann.Vectors{N: m.Len() - from, D: m.Dim(), Data: make([]float32, (m.Len()-from)*m.Dim())}
	c := m.From(f, from)
	for left := v.Data; len(left) > 0; {
		some := left[:min(3*v.D, len(left))]
		if err := c.Next(some); err != nil {
			return v, err
		}
		left = left[len(some):]
	}
	if c.Row() != m.Len() {
		err = fmt.Errorf("the cursor is at row %d of %d", c.Row(), m.Len())
	}
	return v, err
}

// jumps reads single rows in an order that goes forwards and backwards, and again with a cursor for each.
func jumps(m *Matrix, r io.ReaderAt) error {
	c, one, other := m.From(r, 0), make([]float32, m.Dim()), make([]float32, m.Dim())
	for i := range 12 {
		row := i * i * 7 % m.Len()
		c.To(row)
		if err := errors.Join(c.Next(one), m.From(r, row).Next(other)); err != nil {
			return err
		}
		if !sameMatrix(ann.Vectors{N: 1, D: m.Dim(), Data: one}, ann.Vectors{N: 1, D: m.Dim(), Data: other}) {
			return fmt.Errorf("row %d differs after a jump", row)
		}
	}
	return nil
}

// brokenFile is a file of which nothing between its first bytes and its footer can be read.
type brokenFile struct {
	io.ReaderAt
	footer int64
}

var errBroken = errors.New("the connection is broken")

func (b brokenFile) ReadAt(p []byte, at int64) (int, error) {
	if at > 0 && at < b.footer {
		return 0, errBroken
	}
	return b.ReaderAt.ReadAt(p, at)
}

// An error of the storage is that error and not damage of a Parquet page.
func TestMatrixNamesTheErrorOfTheStorage(t *testing.T) {
	f, info, err := openRegular("testdata/seed.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := OpenMatrix("seed.parquet", f, info.Size(), "")
	if err != nil || m.Len() != 2 || m.Kind() != "float32" || m.Column() != "vector" {
		t.Fatal(m, err)
	}
	c := m.From(brokenFile{f, info.Size() - 8 - 224}, 0)
	if err := c.Next(make([]float32, m.Dim())); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if err := c.Next(make([]float32, m.Dim())); !errors.Is(err, errBroken) {
		t.Errorf("after an error: %v", err)
	}
}
