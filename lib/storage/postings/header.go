package postings

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/layout"
)

const version = 1

var magic = [8]byte{'A', 'N', 'N', 'U', 'N', 'I', 'T', 'S'}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(data []byte) uint32 { return crc32.Checksum(data, castagnoli) }

// header is the beginning of the first page. The last 4 bytes of the page are its checksum, and the bytes between are zero.
type header struct {
	Magic     [8]byte
	Version   uint32
	PageBytes uint32
	D, Width  uint32 // numbers of a vector, bytes of a number
	N         uint64 // vectors of the base
	Units     uint64
	Stored    uint64 // vectors of all units, copies included
	Pages     uint64 // pages of all units
	UnitPages uint32 // pages of every unit, or 0 if the file has an index
	Index     uint32 // checksum of the index, 0 if there is none
	Base      [sha256.Size]byte
	Layout    [sha256.Size]byte
}

// newHeader describes the units of l.
func newHeader(base ann.Coordinates, l layout.Layout) (header, error) {
	h := header{
		Magic: magic, Version: version, PageBytes: pageBytes, D: uint32(base.D), Width: uint32(base.Width()),
		N: uint64(base.N), Units: uint64(l.Units()), Stored: uint64(len(l.IDs)),
		Base: Hash(base), Layout: hashLayout(l),
	}
	first := Pages(l.Size(0), base.D, base.Width())
	h.UnitPages = uint32(first)
	for u := range l.Units() {
		pages := Pages(l.Size(u), base.D, base.Width())
		h.Pages += uint64(pages)
		if pages != first {
			h.UnitPages = 0
		}
	}
	if h.UnitPages == 0 {
		h.Index = checksum(indexOf(l))
	}
	if h.Pages > math.MaxUint32 {
		return h, fmt.Errorf("the layout needs %d pages, more than %d", h.Pages, uint32(math.MaxUint32))
	}
	return h, nil
}

// indexOf returns the index of a file: the number of vectors of every unit.
func indexOf(l layout.Layout) []byte {
	index := make([]byte, 0, 4*l.Units())
	for u := range l.Units() {
		index = binary.LittleEndian.AppendUint32(index, uint32(l.Size(u)))
	}
	return index
}

// page returns the first page of the file and its checksum.
func (h header) page() ([]byte, uint32) {
	var out bytes.Buffer
	_ = binary.Write(&out, binary.LittleEndian, h) // a header has a fixed size, and a buffer accepts all writes
	page := append(out.Bytes(), make([]byte, pageBytes-out.Len())...)
	sum := checksum(page[:pageBytes-checksumBytes])
	binary.LittleEndian.PutUint32(page[pageBytes-checksumBytes:], sum)
	return page, sum
}

// parseHeader returns the header in the first page and its checksum.
func parseHeader(page []byte) (h header, sum uint32, err error) {
	_, _ = binary.Decode(page, binary.LittleEndian, &h) // a page is longer than a header
	if h.Magic != magic {
		return h, 0, fmt.Errorf("%w: it does not begin with %q", ErrForeign, magic)
	}
	if h.Version != version {
		return h, 0, fmt.Errorf("%w: its version is %d; this program reads version %d", ErrForeign, h.Version, version)
	}
	sum = checksum(page[:pageBytes-checksumBytes])
	if stored := binary.LittleEndian.Uint32(page[pageBytes-checksumBytes:]); sum != stored {
		return h, 0, fmt.Errorf("%w: the checksum of the header is %08x, not %08x", ErrDamaged, sum, stored)
	}
	return h, sum, h.check()
}

// check returns an error if the fields contradict each other.
func (h header) check() error {
	ok := h.PageBytes == pageBytes && (h.Width == 1 || h.Width == 4) && h.D >= 1 && h.D <= math.MaxInt32/4 &&
		h.N >= 1 && h.N <= math.MaxInt32 && h.Units >= 1 && h.Units <= math.MaxInt32 && h.Pages <= math.MaxUint32 &&
		(h.UnitPages == 0 || h.Pages == h.Units*uint64(h.UnitPages))
	if !ok {
		return fmt.Errorf("%w: the fields of the header contradict each other", ErrDamaged)
	}
	return nil
}

// indexBytes returns the size of the index.
func (h header) indexBytes() int64 {
	if h.UnitPages > 0 {
		return 0
	}
	return 4 * int64(h.Units)
}

// fileBytes returns the size of the file.
func (h header) fileBytes() int64 { return pageBytes*(1+int64(h.Pages)) + h.indexBytes() }

// Hash returns the SHA-256 of the type, the shape and the numbers of base.
func Hash(base ann.Coordinates) [sha256.Size]byte {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d × %d × %d\n", base.N, base.D, base.Width())
	if base.Bytes != nil {
		sum.Write(base.Bytes)
	} else {
		hashNumbers(sum, base.Floats)
	}
	return [sha256.Size]byte(sum.Sum(nil))
}

func hashLayout(l layout.Layout) [sha256.Size]byte {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d × %d\n", l.Units(), len(l.IDs))
	hashNumbers(sum, l.Starts)
	hashNumbers(sum, l.IDs)
	return [sha256.Size]byte(sum.Sum(nil))
}

// hashNumbers writes the numbers, little-endian, to sum.
func hashNumbers[T int32 | float32](sum hash.Hash, numbers []T) {
	const block = 1 << 14
	buffer := make([]byte, 4*block)
	for first := 0; first < len(numbers); first += block {
		n, _ := binary.Encode(buffer, binary.LittleEndian, numbers[first:min(first+block, len(numbers))])
		sum.Write(buffer[:n])
	}
}
