package indexfile

import (
	"errors"
	"fmt"
	"io"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

const usearchMagic = "usearch"

// matrix is the matrix of vectors at the beginning of a usearch file: one row of bytes for each node.
type matrix struct {
	found      bool   // whether the signature of usearch stands behind it
	head       int    // bytes of the two sizes; zero if the file has no matrix
	rows, size uint64 // size in bytes
}

// usearchMatrix returns the matrix, whose sizes have 32 or 64 bits; the signature tells which.
func usearchMatrix(file io.ReaderAt, size int64) matrix {
	var b [16]byte
	n, _ := file.ReadAt(b[:], 0)
	for _, m := range []matrix{
		{},
		{head: 8, rows: uint64(le.Uint32(b[:])), size: uint64(le.Uint32(b[4:]))},
		{head: 16, rows: le.Uint64(b[:]), size: le.Uint64(b[8:])},
	} {
		if n < len(b) || m.size != 0 && m.rows > uint64(size)/m.size {
			continue
		}
		var magic [len(usearchMagic)]byte
		if _, err := file.ReadAt(magic[:], int64(m.head)+int64(m.rows*m.size)); err == nil && string(magic[:]) == usearchMagic {
			m.found = true
			return m
		}
	}
	return matrix{}
}

// readUSearch reads what index_dense_gt::save_to_stream writes (usearch/index_dense.hpp, usearch/index.hpp). The matrix of vectors
// comes first, but its type stands behind it; r is therefore at the beginning of the file, and the rows are decoded afterwards.
func readUSearch(r *reader, m matrix) (*Index, error) {
	switch {
	case !m.found:
		return nil, fmt.Errorf("no signature %q at the beginning or behind the matrix of vectors", usearchMagic)
	case m.head == 0:
		return nil, errors.New("the file was written without its vectors (exclude_vectors)")
	case m.rows < 1 || m.rows > math.MaxInt32:
		return nil, fmt.Errorf("the matrix has %d vectors: must be 1 to 2³¹ − 1", m.rows)
	}
	if err := r.skip("sizes of the matrix", uint64(m.head), 1); err != nil {
		return nil, err
	}
	raw, err := r.raw("vectors", m.rows*m.size)
	if err != nil {
		return nil, err
	}
	h, err := r.usearchHead()
	if err != nil {
		return nil, err
	}
	if h.present+h.deleted != m.rows {
		return nil, fmt.Errorf("count_present = %d and count_deleted = %d, but the matrix has %d vectors", h.present, h.deleted,
			m.rows)
	}
	if h.scalar.bytes*h.dimensions != m.size || h.dimensions < 1 {
		return nil, fmt.Errorf("dimensions = %d of %s, but a vector takes %d bytes", h.dimensions, h.scalar.name, m.size)
	}
	x := &Index{Class: "index_dense, " + h.scalar.name, Version: h.version, Metric: h.metric, scalar: h.scalar}
	x.Vectors = ann.Vectors{N: int(m.rows), D: int(h.dimensions), Data: h.scalar.decode(raw)}
	return x, r.usearchGraph(x, h)
}

// raw returns the next n bytes.
func (r *reader) raw(field string, n uint64) ([]byte, error) {
	if err := r.need(field, n, 1); err != nil {
		return nil, err
	}
	out := make([]byte, n)
	return out, r.pieces(field, n, 1, func(first int, b []byte) { copy(out[first:], b) })
}

// usearchHead is the header behind the matrix.
type usearchHead struct {
	version          string
	metric           ann.Metric
	scalar           *scalar
	slot             int // bytes of the number of a node
	present, deleted uint64
	dimensions       uint64
}

func (r *reader) usearchHead() (h usearchHead, err error) {
	b, err := r.bytes("header", 64)
	if err != nil {
		return h, err
	}
	major, minor, patch := le.Uint16(b[7:]), le.Uint16(b[9:]), le.Uint16(b[11:])
	h = usearchHead{version: fmt.Sprintf("%d.%d.%d", major, minor, patch), present: le.Uint64(b[17:]),
		deleted: le.Uint64(b[25:]), dimensions: le.Uint64(b[33:])}
	old := major == 0 && minor == 0 && patch == 0 // before version 2.3, the Python module wrote no version
	if old {
		h.version = ""
	} else if major != 2 {
		return h, fmt.Errorf("written by usearch %s; files of version 2 are read", h.version)
	}
	old = old || minor < 10
	switch b[13] {
	case 'e':
		h.metric = ann.Euclidean
	case 'i':
		h.metric = ann.InnerProduct
	case 'c':
		h.metric = ann.Cosine
	default:
		return h, fmt.Errorf("kind_metric = %q; l2sq, ip and cos are read", b[13])
	}
	h.scalar = scalarOf(b[14], old)
	if h.scalar == nil {
		return h, fmt.Errorf("kind_scalar = %s; vectors of f32, f16 and bf16 are read", scalarName(b[14], old))
	}
	if key := scalarName(b[15], old); key != "u64" && key != "i64" {
		return h, fmt.Errorf("kind_key = %s; keys of 64 bits are read", key)
	}
	switch slot := scalarName(b[16], old); slot {
	case "u32":
		h.slot = 4
	case "u40":
		h.slot = 5
	default:
		return h, fmt.Errorf("kind_compressed_slot = %s; u32 and u40 are read", slot)
	}
	if h.present > math.MaxInt32 || h.deleted > math.MaxInt32 {
		return h, fmt.Errorf("count_present = %d and count_deleted = %d", h.present, h.deleted)
	}
	return h, nil
}

// usearchGraph reads the graph: its parameters, the level of each node, and then, for each node, its key, its level again and
// its links.
func (r *reader) usearchGraph(x *Index, h usearchHead) error {
	var numbers [5]uint64
	for i, field := range []string{"size", "connectivity", "connectivity_base", "max_level", "entry_slot"} {
		n, err := r.uint64("graph." + field)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	n, m, ground, top, entry := numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
	switch {
	case n != uint64(x.Len()):
		return fmt.Errorf("graph.size = %d, but the matrix has %d vectors", n, x.Len())
	case m < 1 || m > 10000 || ground < 1 || ground > 20000:
		return fmt.Errorf("graph.connectivity = %d and graph.connectivity_base = %d: must be 1 to 10000, and 1 to 20000", m, ground)
	case entry >= n:
		return fmt.Errorf("graph.entry_slot = %d of %d nodes", entry, n)
	}
	x.M, x.Ground = int(m), int(ground)
	links := hnsw.Links{EntryPoint: int32(entry)}
	var err error
	if links.Level, err = r.usearchLevels(n); err != nil {
		return err
	}
	if uint64(links.Level[entry]) != top {
		return fmt.Errorf("graph.max_level = %d, but the entry point is on level %d", top, links.Level[entry])
	}
	if links.Slots, err = r.usearchNodes(x, links.Level, h.slot); err != nil {
		return err
	}
	return x.adopt("graph", links)
}

func (r *reader) usearchLevels(n uint64) ([]uint8, error) {
	if err := r.need("graph levels", n, 2); err != nil {
		return nil, err
	}
	level, wrong := make([]uint8, n), -1
	err := r.pieces("graph levels", n, 2, func(first int, b []byte) {
		for i := 0; i < len(b); i += 2 {
			l := le.Uint16(b[i:])
			if level[first+i/2] = uint8(l); l > math.MaxUint8 && wrong < 0 {
				wrong = first + i/2
			}
		}
	})
	if err == nil && wrong >= 0 {
		err = fmt.Errorf("graph levels: the level of node %d is negative or above 255", wrong)
	}
	return level, err
}

// usearchFree is the key of a removed element. The keys decide which elements are in use: versions up to 2.12 write a
// count_deleted that is too small after more than 31 removals.
const usearchFree = math.MaxUint64

func (r *reader) usearchNodes(x *Index, level []uint8, slot int) ([]int32, error) {
	total := uint64(0)
	for _, l := range level {
		total += uint64(x.Ground) + uint64(l)*uint64(x.M)
	}
	if err := r.need("graph nodes", total, slot); err != nil {
		return nil, err
	}
	slots := make([]int32, total)
	x.ids = make([]uint64, len(level))
	rest := slots
	for i, l := range level {
		key, err := r.uint64("graph key")
		if err != nil {
			return nil, err
		}
		if x.ids[i] = key; key == usearchFree {
			x.mark(i)
		}
		b, err := r.bytes("graph level", 2)
		if err != nil {
			return nil, err
		}
		if le.Uint16(b) != uint16(l) {
			return nil, fmt.Errorf("graph level: node %d is on level %d, and on level %d in the table of levels", i,
				le.Uint16(b), l)
		}
		for on := range int(l) + 1 {
			size := x.M
			if on == 0 {
				size = x.Ground
			}
			if err := r.usearchLinks(i, rest[:size], slot); err != nil {
				return nil, err
			}
			rest = rest[size:]
		}
	}
	return slots, nil
}

// usearchLinks reads a list of links of a node: its length, and as many slots as there are.
func (r *reader) usearchLinks(node int, slots []int32, size int) error {
	head, err := r.uint32("graph neighbors")
	if err != nil {
		return err
	}
	if uint64(head) > uint64(len(slots)) {
		return fmt.Errorf("graph neighbors: node %d has %d links in %d slots", node, head, len(slots))
	}
	return r.pieces("graph neighbors", uint64(len(slots)), size, func(first int, b []byte) {
		for i := 0; i*size < len(b); i++ {
			slots[first+i] = -1
			if first+i < int(head) {
				slots[first+i] = int32(le.Uint32(b[i*size:]))
				if size == 5 && b[i*size+4] != 0 {
					slots[first+i] = math.MaxInt32 // no node: at most 2³¹ − 1 are read
				}
			}
		}
	})
}
