package embedding

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"anncapacity/lib/ann"
)

// binHeader is the size of the header of a file of big-ann-benchmarks (big-ann-benchmarks.com): the number of rows and the
// number of columns as little-endian uint32. The numbers of all rows follow.
const binHeader = 8

// readBin reads vectors whose numbers have the type with the given code. The size of the file must be that of its header.
func readBin(s source, code string) (ann.Coordinates, error) {
	t := scalars[code]
	n, d, err := readBinHeader(s)
	if err != nil {
		return ann.Coordinates{}, err
	}
	if err := checkBinSize(s, t, n, d); err != nil {
		return ann.Coordinates{}, err
	}
	numbers := t.numbers(s.keep, int(n*d))
	if err := t.read(io.NewSectionReader(s, binHeader, s.size), &numbers, int(n*d), binary.LittleEndian); err != nil {
		return ann.Coordinates{}, err
	}
	return numbers.coordinates(s, t.name, int(n), int(d))
}

func checkBinSize(s source, t scalar, n, d int64) error {
	if have, want := s.size-binHeader, n*d*t.size; have != want {
		return fmt.Errorf("holds %d bytes after its header, which announces %d × %d numbers of type %s: %d bytes are expected%s",
			have, n, d, t.name, want, otherBin(t, n*d, have))
	}
	return nil
}

// readBinHeader returns the numbers of rows and columns. Their product fits into 47 bits.
func readBinHeader(s source) (n, d int64, err error) {
	var head [binHeader]byte
	if _, err := s.ReadAt(head[:], 0); err != nil {
		return 0, 0, fmt.Errorf("ends within its header of %d bytes (truncated)", binHeader)
	}
	n, d = int64(binary.LittleEndian.Uint32(head[:4])), int64(binary.LittleEndian.Uint32(head[4:]))
	if n < 1 || n > math.MaxInt32 || d < 1 || d > maxDimension {
		return 0, 0, fmt.Errorf("its header announces %d × %d numbers: 1 to %d rows and 1 to %d columns are expected", n, d, math.MaxInt32, maxDimension)
	}
	return n, d, nil
}

// otherBin returns a hint if count numbers of another type take the given number of bytes.
func otherBin(t scalar, count, bytes int64) string {
	switch {
	case t.size == 1 && bytes == 4*count:
		return "; it has the size of a .fbin file"
	case t.size == 4 && bytes == count:
		return "; it has the size of an .i8bin or .u8bin file"
	}
	return ""
}
