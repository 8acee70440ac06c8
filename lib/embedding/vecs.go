package embedding

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"anncapacity/lib/ann"
)

var uint8s = decoder{1, func(b []byte) float32 { return float32(b[0]) }}

// readVecs reads the TEXMEX formats (corpus-texmex.irisa.fr): per vector a little-endian int32 dimension, the same
// in every row, then the numbers.
func readVecs(s source, decode decoder) (ann.Vectors, error) {
	if s.size == 0 {
		return ann.Vectors{}, errors.New("is empty")
	}
	r := bufio.NewReaderSize(s, 1<<20)
	d, err := readDimension(r)
	if err != nil {
		return ann.Vectors{}, fmt.Errorf("row 0: %w", err)
	}
	row := make([]byte, int64(d)*decode.size)
	data := make([]float32, 0, s.size/(4+int64(len(row)))*int64(d))
	n := 0
	for ; ; n++ {
		if n > 0 {
			next, err := readDimension(r)
			if err == io.EOF {
				break
			}
			if err != nil {
				return ann.Vectors{}, fmt.Errorf("row %d: %w", n, err)
			}
			if next != d {
				return ann.Vectors{}, fmt.Errorf("row %d has %d dimensions, the rows before it %d", n, next, d)
			}
		}
		if _, err := io.ReadFull(r, row); err != nil {
			return ann.Vectors{}, fmt.Errorf("row %d is cut short: %w", n, err)
		}
		for b := row; len(b) > 0; b = b[decode.size:] {
			data = append(data, decode.next(b))
		}
	}
	return ann.NewVectors(n, d, data)
}

// readDimension is io.EOF, as it is, where the file ends before the row.
func readDimension(r io.Reader) (int, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err == io.EOF {
		return 0, err
	} else if err != nil {
		return 0, fmt.Errorf("its dimension is cut short: %w", err)
	}
	d := int(int32(binary.LittleEndian.Uint32(head[:])))
	if d < 1 || d > maxDimension {
		return 0, fmt.Errorf("%d dimensions are announced: 1 to %d are expected", d, maxDimension)
	}
	return d, nil
}
