package embedding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/atomicfile"
)

// WriteBytes writes vectors of uint8 to FILE.bvecs, completely or not at all. An existing file is replaced.
func WriteBytes(path string, c ann.Coordinates) error {
	if filepath.Ext(path) != ".bvecs" {
		return fmt.Errorf("%s: vectors of uint8 are written as .bvecs", path)
	}
	return atomicfile.Write(path, func(w io.Writer) error { return EncodeBytes(w, c) })
}

// EncodeBytes writes vectors of uint8 in the format of .bvecs: each is preceded by its dimension as a little-endian int32. The
// writer should be buffered.
func EncodeBytes(w io.Writer, c ann.Coordinates) error {
	if c.Bytes == nil {
		return errors.New("the vectors are of type float32, but .bvecs holds uint8")
	}
	row := binary.LittleEndian.AppendUint32(nil, uint32(c.D))
	for i := range c.N {
		if _, err := w.Write(append(row[:4], c.Bytes[i*c.D:(i+1)*c.D]...)); err != nil {
			return err
		}
	}
	return nil
}
