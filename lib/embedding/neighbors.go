package embedding

import (
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/atomicfile"
)

// WriteNeighbors writes one list a query in the vecs format of TexMex, as ground truth is kept: IDs, int32, to path, which
// ends in .ivecs, and distances, float32, to a file of that name in .fvecs. Each is written whole or not at all.
func WriteNeighbors(path string, lists []ann.Neighbors) error {
	distances, ok := strings.CutSuffix(path, ".ivecs")
	if !ok {
		return fmt.Errorf("%s: neighbours are written as .ivecs, not as %q", path, filepath.Ext(path))
	}
	err := writeVecs(distances+".fvecs", lists, func(n ann.Neighbor) any { return n.Distance })
	if err != nil {
		return err
	}
	return writeVecs(path, lists, func(n ann.Neighbor) any { return n.ID })
}

func writeVecs(path string, lists []ann.Neighbors, number func(ann.Neighbor) any) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		var record []byte
		for _, list := range lists {
			record, _ = binary.Append(record[:0], binary.LittleEndian, int32(len(list)))
			for _, n := range list {
				record, _ = binary.Append(record, binary.LittleEndian, number(n))
			}
			if _, err := w.Write(record); err != nil {
				return err
			}
		}
		return nil
	})
}
