package embedding

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"os"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/atomicfile"
)

// WriteNeighbors writes one list per query in the TEXMEX vecs format of ground truth: IDs as int32 to path, which must
// end in .ivecs, and distances as float32 to the file of the same name in .fvecs. Either both files are written or
// neither. Existing files are replaced if CheckWriteNeighbors accepts them.
func WriteNeighbors(path string, lists []ann.Neighbors) error {
	return WriteNeighborLists(path, func() iter.Seq2[ann.Neighbors, error] {
		return func(yield func(ann.Neighbors, error) bool) {
			for _, list := range lists {
				if !yield(list, nil) {
					return
				}
			}
		}
	})
}

// WriteNeighborLists is like WriteNeighbors for lists that need not be in memory together. It calls lists once for each of
// the two files; the same lists must come both times, until one comes with an error. The files more are written with the
// two, all or none.
func WriteNeighborLists(path string, lists func() iter.Seq2[ann.Neighbors, error], more ...atomicfile.File) error {
	if err := CheckWriteNeighbors(path); err != nil {
		return err
	}
	outputs := NeighborOutputs(path)
	return atomicfile.WriteAll(append([]atomicfile.File{
		{Path: outputs[0], Write: func(w io.Writer) error {
			return writeVecs(w, lists(), func(n ann.Neighbor) uint32 { return uint32(n.ID) })
		}},
		{Path: outputs[1], Write: func(w io.Writer) error {
			return writeVecs(w, lists(), func(n ann.Neighbor) uint32 { return math.Float32bits(n.Distance) })
		}},
	}, more...)...)
}

// writeVecs writes the length of each list followed by its numbers of 4 bytes.
func writeVecs(w io.Writer, lists iter.Seq2[ann.Neighbors, error], bits func(ann.Neighbor) uint32) error {
	var record []byte
	for list, err := range lists {
		if err != nil {
			return err
		}
		record = binary.LittleEndian.AppendUint32(record[:0], uint32(len(list)))
		for _, n := range list {
			record = binary.LittleEndian.AppendUint32(record, bits(n))
		}
		if _, err := w.Write(record); err != nil {
			return err
		}
	}
	return nil
}

// checkNeighborPair accepts two files that do not exist or that contain the output of WriteNeighbors: lists of equal
// lengths with distinct IDs and ascending distances. It rejects base vectors and the ground truth of other programs that
// has no distances.
func checkNeighborPair(ids, distances string) error {
	_, idErr := os.Stat(ids)
	_, distanceErr := os.Stat(distances)
	switch {
	case errors.Is(idErr, fs.ErrNotExist) && errors.Is(distanceErr, fs.ErrNotExist):
		return nil
	case errors.Is(idErr, fs.ErrNotExist):
		return fmt.Errorf("%s: exists without %s, so it may not contain distances and is not replaced: move it or choose another name", distances, ids)
	case errors.Is(distanceErr, fs.ErrNotExist):
		return fmt.Errorf("%s: exists without %s, so it was not written with distances and is not replaced: move it or choose another name", ids, distances)
	}
	if err := comparePair(ids, distances); err != nil {
		return fmt.Errorf("%s and %s: do not hold the IDs and distances of the same neighbours (%w), so they are not replaced: move them or choose another name", ids, distances, err)
	}
	return nil
}

// comparePair reads both files list by list.
func comparePair(ids, distances string) error {
	a, aInfo, err := openRegular(ids)
	if err != nil {
		return err
	}
	defer a.Close()
	b, bInfo, err := openRegular(distances)
	if err != nil {
		return err
	}
	defer b.Close()
	if aInfo.Size() != bInfo.Size() {
		return errors.New("their sizes differ")
	}
	idLists, distanceLists := listReader{bufio.NewReaderSize(a, 1<<20), aInfo.Size()}, listReader{bufio.NewReaderSize(b, 1<<20), bInfo.Size()}
	for i := 0; idLists.left > 0; i++ {
		if err := compareLists(&idLists, &distanceLists); err != nil {
			return fmt.Errorf("list %d: %w", i, err)
		}
	}
	return nil
}

func compareLists(idLists, distanceLists *listReader) error {
	list, err := idLists.next()
	if err != nil {
		return err
	}
	lengths, err := distanceLists.next()
	if err != nil {
		return err
	}
	if len(list) != len(lengths) {
		return fmt.Errorf("%d IDs, %d distances", len(list), len(lengths))
	}
	if !ascending(lengths) {
		return errors.New("the distances do not ascend")
	}
	slices.Sort(list)
	if n := len(list); n > 0 && list[n-1] > math.MaxInt32 || len(slices.Compact(list)) != n {
		return errors.New("the IDs repeat or are negative")
	}
	return nil
}

// ascending reports whether float32 numbers, given as bits, are in ascending order. Equal numbers are accepted, NaN is not.
func ascending(bits []uint32) bool {
	last := float32(math.Inf(-1))
	for _, b := range bits {
		x := math.Float32frombits(b)
		if !(x >= last) {
			return false
		}
		last = x
	}
	return true
}

// listReader reads lists of 4-byte numbers. left is the number of bytes to the end of the file.
type listReader struct {
	r    io.Reader
	left int64
}

func (l *listReader) next() ([]uint32, error) {
	var length uint32
	if err := binary.Read(l.r, binary.LittleEndian, &length); err != nil {
		return nil, err
	}
	if l.left -= 4; int64(length) > l.left/4 {
		return nil, errors.New("is cut short")
	}
	l.left -= 4 * int64(length)
	numbers := make([]uint32, length)
	return numbers, binary.Read(l.r, binary.LittleEndian, numbers)
}
