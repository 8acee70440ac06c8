package indexfile

import (
	"errors"
	"fmt"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// Errors of an hnswlib file without the options that it needs.
var (
	ErrDimensions = errors.New("the file does not state the number of dimensions or their type: the number must be given")
	ErrMetric     = errors.New("the file does not state its space: the metric must be given, l2, ip or cosine")
)

// readHNSWLib reads what HierarchicalNSW<float>::saveIndex writes (hnswlib/hnswalg.h).
func readHNSWLib(r *reader, o Options) (*Index, error) {
	h, err := r.hnswlibHeader()
	if err != nil {
		return nil, err
	}
	bytes := h.label - h.data
	switch {
	case o.Dimensions == 0:
		return nil, fmt.Errorf("%w: a vector takes %d bytes, which is %d dimensions of float32", ErrDimensions, bytes, bytes/4)
	case uint64(o.Dimensions) == bytes:
		return nil, fmt.Errorf("%d dimensions: a vector takes %d bytes, so the coordinates are bytes; only float32 is read",
			o.Dimensions, bytes)
	case 4*uint64(o.Dimensions) != bytes:
		return nil, fmt.Errorf("%d dimensions: a vector takes %d bytes, which is %d dimensions of float32", o.Dimensions, bytes,
			bytes/4)
	case o.Metric == nil:
		return nil, ErrMetric
	}
	x := &Index{Class: "HierarchicalNSW<float>", Metric: *o.Metric, M: int(h.m), Ground: int(h.ground),
		EfConstruction: int(h.efConstruction)}
	x.Vectors = ann.Vectors{N: int(h.n), D: o.Dimensions}
	return x, r.hnswlibNodes(x, h)
}

// hnswlibHeader is the beginning of the file. Sizes and offsets are in bytes.
type hnswlibHeader struct {
	n, size, label, data uint64 // elements; size of an element, and the offsets of its label and its vector
	top                  int32  // highest level
	entry                uint32
	m, ground            uint64
	efConstruction       uint64
}

func (r *reader) hnswlibHeader() (h hnswlibHeader, err error) {
	b, err := r.bytes("header", 96)
	if err != nil {
		return h, err
	}
	word := func(at int) uint64 { return le.Uint64(b[at:]) }
	offset0, most, upper, m := word(0), word(8), word(56), word(72)
	h = hnswlibHeader{word(16), word(24), word(32), word(40), int32(le.Uint32(b[48:])), le.Uint32(b[52:]), upper, word(64),
		word(88)}
	switch {
	case offset0 != 0:
		return h, fmt.Errorf("offsetLevel0 = %d: must be 0", offset0)
	case h.n < 1:
		return h, errors.New("cur_element_count = 0: the index is empty")
	case h.n > most || h.n > math.MaxInt32:
		return h, fmt.Errorf("cur_element_count = %d: must be at most max_elements = %d, and below 2³¹", h.n, most)
	case upper < 1 || upper > 10000 || upper != m:
		return h, fmt.Errorf("maxM = %d and M = %d: must be equal, and 1 to 10000", upper, m)
	case h.ground < 1 || h.ground > 20000:
		return h, fmt.Errorf("maxM0 = %d: must be 1 to 20000", h.ground)
	case h.data != 4*h.ground+4 || h.label <= h.data || h.size != h.label+8 || h.label > math.MaxInt32:
		return h, fmt.Errorf("offsetData = %d, label_offset = %d and size_data_per_element = %d do not follow from maxM0 = %d: is it a file of hnswlib?",
			h.data, h.label, h.size, h.ground)
	case uint64(h.entry) >= h.n:
		return h, fmt.Errorf("enterpoint_node = %d of %d elements", h.entry, h.n)
	case h.efConstruction > math.MaxInt32:
		return h, fmt.Errorf("ef_construction = %d", h.efConstruction)
	}
	return h, r.need("data_level0", h.n, int(h.size))
}

// hnswlibNodes reads level 0, with the vectors and labels, and then the upper levels.
func (r *reader) hnswlibNodes(x *Index, h hnswlibHeader) error {
	x.Vectors.Data, x.ids = make([]float32, h.n*uint64(x.Vectors.D)), make([]uint64, h.n)
	slots := make([][]int32, 0)
	ground := make([]int32, h.n*h.ground)
	for i := range int(h.n) {
		deleted, err := r.hnswlibLinks("data_level0", i, ground[i*int(h.ground):(i+1)*int(h.ground)])
		if err != nil {
			return err
		}
		if deleted {
			x.mark(i)
		}
		if err := r.floats("data_level0 vector", x.Vectors.Row(i)); err != nil {
			return err
		}
		if x.ids[i], err = r.uint64("data_level0 label"); err != nil {
			return err
		}
	}
	links := hnsw.Links{Level: make([]uint8, h.n), EntryPoint: int32(h.entry)}
	for i := range int(h.n) {
		upper, err := r.hnswlibUpper(i, int(h.m))
		if err != nil {
			return err
		}
		links.Level[i] = uint8(len(upper) / int(h.m))
		slots = append(slots, upper)
	}
	if int32(links.Level[h.entry]) != h.top {
		return fmt.Errorf("maxlevel = %d, but the entry point is on level %d", h.top, links.Level[h.entry])
	}
	links.Slots = interleave(ground, int(h.ground), slots)
	return x.adopt("links", links)
}

// mark marks a node as deleted.
func (x *Index) mark(node int) {
	if x.Deleted == nil {
		x.Deleted = make([]bool, x.Vectors.N)
	}
	x.Deleted[node] = true
}

// hnswlibLinks reads a list of links of a node: its length, flags, and as many slots as there are. It reports whether the node
// is marked as deleted.
func (r *reader) hnswlibLinks(field string, node int, slots []int32) (deleted bool, err error) {
	head, err := r.uint32(field)
	if err != nil {
		return false, err
	}
	count := int(head & 0xffff)
	if count > len(slots) {
		return false, fmt.Errorf("%s: element %d has %d links in %d slots", field, node, count, len(slots))
	}
	err = r.pieces(field, uint64(len(slots)), 4, func(first int, b []byte) {
		for i := range len(b) / 4 {
			slots[first+i] = -1
			if first+i < count {
				slots[first+i] = int32(le.Uint32(b[4*i:]))
			}
		}
	})
	return head>>16&1 != 0, err
}

// hnswlibUpper reads the links of an element on the levels above 0.
func (r *reader) hnswlibUpper(node, m int) ([]int32, error) {
	size, err := r.uint32("linkListSize")
	if err != nil {
		return nil, err
	}
	list := uint32(4*m + 4)
	if size%list != 0 || size/list > math.MaxUint8 {
		return nil, fmt.Errorf("linkListSize: %d bytes for element %d; must be 0 to 255 times %d", size, node, list)
	}
	if err := r.need("link lists", uint64(size), 1); err != nil || size == 0 {
		return nil, err
	}
	slots := make([]int32, int(size/list)*m)
	for l := range int(size / list) {
		if _, err := r.hnswlibLinks("link lists", node, slots[l*m:(l+1)*m]); err != nil {
			return nil, err
		}
	}
	return slots, nil
}

// interleave returns, for each node, its slots on level 0 and then those of the levels above.
func interleave(ground []int32, each int, upper [][]int32) []int32 {
	n := len(ground)
	for _, u := range upper {
		n += len(u)
	}
	all := make([]int32, 0, n)
	for i, u := range upper {
		all = append(append(all, ground[i*each:(i+1)*each]...), u...)
	}
	return all
}
