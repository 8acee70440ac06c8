package postings

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/storage/layout"
)

// CreateOptions are the options of Create. The zero value is ready for use.
type CreateOptions struct {
	// Replace permits Create to replace an existing postings file. Create never replaces another file.
	Replace bool
	// Progress, if not nil, is called with the share of the pages that are written, 0 … 1.
	Progress func(share float64)
}

// Create writes the vectors of base to a file, in the units of l. The file is written under a temporary name in its folder,
// synced and renamed, so that path never names an incomplete file. An interrupted call is not resumed: 10⁶ vectors of 128 bytes
// take about a second, so that the next call removes the temporary file of the interrupted one and begins again.
//
// Besides base and l, Create needs memory for one unit. Equal input gives equal bytes. It is an error if a number of base is not
// finite, if l leaves out a vector, or if path exists, unless o permits its replacement.
func Create(ctx context.Context, path string, base ann.Coordinates, l layout.Layout, o CreateOptions) error {
	if err := create(ctx, path, base, l, o); err != nil {
		return fmt.Errorf("postings: %w", err)
	}
	return nil
}

func create(ctx context.Context, path string, base ann.Coordinates, l layout.Layout, o CreateOptions) error {
	if err := errors.Join(checkBase(base), l.Check(base.N)); err != nil {
		return err
	}
	if err := checkTarget(path, o.Replace); err != nil {
		return err
	}
	if err := atomicfile.RemoveStale(path); err != nil {
		return err
	}
	h, err := newHeader(base, l)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(out io.Writer) error {
		w := writer{out: out, base: base, header: h}
		if err := w.all(ctx, l, o.Progress); err != nil {
			return err
		}
		return checkTarget(path, o.Replace) // another file may have been created in the meantime
	})
}

// checkBase returns an error if the length of base is wrong or a number is not finite.
func checkBase(base ann.Coordinates) error {
	if base.Bytes != nil {
		_, err := ann.NewBytes(base.N, base.D, base.Bytes)
		return err
	}
	_, err := ann.NewVectors(base.N, base.D, base.Floats)
	return err
}

// checkTarget returns an error if a file exists at path and may not be replaced.
func checkTarget(path string, replace bool) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !replace {
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file and is not replaced", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var begin [len(magic)]byte
	if _, err := io.ReadFull(f, begin[:]); err != nil || begin != magic {
		return fmt.Errorf("%s is %w and is not replaced", path, ErrForeign)
	}
	return nil
}

// writer writes units.
type writer struct {
	out  io.Writer
	base ann.Coordinates
	header
	salt uint32 // the checksum of the header
	unit []byte // buffer of one unit
}

// reportPages is the number of pages between two reports of progress.
const reportPages = 1 << 10

// all writes the header, the units and the index.
func (w *writer) all(ctx context.Context, l layout.Layout, progress func(share float64)) error {
	page, salt := w.page()
	w.salt = salt
	if _, err := w.out.Write(page); err != nil {
		return err
	}
	written, reported := uint64(0), uint64(0)
	for u := range l.Units() {
		if err := ctx.Err(); err != nil {
			return err
		}
		unit := w.encode(int32(u), l.Unit(u))
		if _, err := w.out.Write(unit); err != nil {
			return err
		}
		written += uint64(len(unit) / pageBytes)
		if progress != nil && (written >= reported+reportPages || written == w.Pages) {
			reported = written
			progress(float64(written) / float64(w.Pages))
		}
	}
	if w.UnitPages > 0 {
		return nil
	}
	_, err := w.out.Write(indexOf(l))
	return err
}

// encode returns the pages of a unit. They are valid until the next call.
func (w *writer) encode(number int32, ids []int32) []byte {
	d, width := w.base.D, w.base.Width()
	pages := Pages(len(ids), d, width)
	w.unit = append(w.unit[:0], make([]byte, pages*pageBytes)...)
	room := slots(pages, d, width)
	at := checksumBytes
	for i := range room {
		id := int32(noID)
		if i < len(ids) {
			id = ids[i]
		}
		binary.LittleEndian.PutUint32(w.unit[at:], uint32(id))
		at += idBytes
	}
	for _, id := range ids {
		at += w.putVector(w.unit[at:], int(id))
	}
	binary.LittleEndian.PutUint32(w.unit, unitChecksum(w.unit, w.salt, number))
	return w.unit
}

// putVector writes a vector and returns its size in bytes.
func (w *writer) putVector(to []byte, id int) int {
	if w.base.Bytes != nil {
		return copy(to, w.base.Bytes[id*w.base.D:(id+1)*w.base.D])
	}
	for j, x := range w.base.Floats[id*w.base.D : (id+1)*w.base.D] {
		binary.LittleEndian.PutUint32(to[4*j:], math.Float32bits(x))
	}
	return 4 * w.base.D
}

// unitChecksum returns the checksum of a unit: that of its bytes, plus its number, plus that of the header, modulo 2³².
func unitChecksum(unit []byte, salt uint32, number int32) uint32 {
	return checksum(unit[checksumBytes:]) + salt + uint32(number)
}
