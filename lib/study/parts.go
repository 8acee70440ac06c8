package study

import (
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"

	"anncapacity/lib/internal/parts"
)

// partsVersion must be incremented when a change of the code changes the records of the same embeddings.
const partsVersion = 5

// key returns a name for the inputs that stored runs depend on in addition to index, run and condition: the vectors and
// the size of a subset.
func (s *Session) key() string {
	return parts.Key(func(sum io.Writer) {
		binary.Write(sum, binary.LittleEndian, []int64{partsVersion, int64(s.all.N), int64(s.all.D), int64(s.Subset)})
		binary.Write(sum, binary.LittleEndian, s.all.Data)
	})
}

// storedRecords reads and writes the stored records of a run.
var storedRecords = parts.Kind[[]Record]{Read: ReadRecords, Write: WriteRecords}

// part returns the path of the records of one run of one condition on one index.
func (s *Session) part(index string, run int, c Condition) string {
	return filepath.Join(s.Parts, fmt.Sprintf("%s-run%02d-condition%s.csv", index, run, c.Name))
}
