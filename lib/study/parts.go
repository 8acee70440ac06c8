package study

import (
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"

	"anncapacity/lib/internal/parts"
)

// partsVersion changes when the same embeddings would give other records.
const partsVersion = 5

// key names what stored runs depend on beside index, run and condition: the vectors and the size of a subset.
func (s *Session) key() string {
	return parts.Key(func(sum io.Writer) {
		binary.Write(sum, binary.LittleEndian, []int64{partsVersion, int64(s.all.N), int64(s.all.D), int64(s.Subset)})
		binary.Write(sum, binary.LittleEndian, s.all.Data)
	})
}

// storedRecords is how the records of a run are kept.
var storedRecords = parts.Kind[[]Record]{Read: ReadRecords, Write: WriteRecords}

// part is the file of one run of one condition on one index.
func (s *Session) part(index string, run int, c Condition) string {
	return filepath.Join(s.Parts, fmt.Sprintf("%s-run%02d-condition%s.csv", index, run, c.Name))
}
