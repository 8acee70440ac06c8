package indexfile

import (
	"errors"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// faissNames names the classes of FAISS by the four letters that their part of a file begins with. Those of served are read.
var faissNames = map[string]string{
	"IHNf": "IndexHNSWFlat", "IxMp": "IndexIDMap", "IxM2": "IndexIDMap2",

	"IHNp": "IndexHNSWPQ", "IHNs": "IndexHNSWSQ", "IHN2": "IndexHNSW2Level", "IHNc": "IndexHNSWCagra", "IHc2": "IndexHNSWCagra",
	"IHfP": "IndexHNSWFlatPanorama", "IH00": "IndexHNSW", "IBHf": "IndexBinaryHNSW", "IBHc": "IndexBinaryHNSWCagra",
	"IxF2": "IndexFlatL2", "IxFI": "IndexFlatIP", "IxFl": "IndexFlat", "IxPT": "IndexPreTransform", "IxRF": "IndexRefine",
	"IxSQ": "IndexScalarQuantizer", "IxPQ": "IndexPQ", "IwFl": "IndexIVFFlat", "IwPQ": "IndexIVFPQ",
	"IwSq": "IndexIVFScalarQuantizer",
	"INSf": "IndexNSGFlat", "INNf": "IndexNNDescentFlat", "null": "no index",
}

func isFAISS(fourcc string) bool { return faissNames[fourcc] != "" }

// faissName returns the class of a part of a file.
func faissName(fourcc string) string {
	if name := faissNames[fourcc]; name != "" {
		return name
	}
	return fmt.Sprintf("the unknown class %q", fourcc)
}

// readFAISS reads what faiss::write_index writes (faiss/impl/index_write.cpp).
func readFAISS(r *reader) (*Index, error) {
	class, err := r.fourcc("class")
	if err != nil {
		return nil, err
	}
	switch class {
	case "IxMp", "IxM2":
		return readIDMap(r, class)
	case "IHNf":
		return readHNSWFlat(r)
	}
	return nil, fmt.Errorf("holds %s; only IndexHNSWFlat is read, also inside IndexIDMap or IndexIDMap2", faissName(class))
}

func (r *reader) fourcc(field string) (string, error) {
	b, err := r.bytes(field, 4)
	return string(b), err
}

func readIDMap(r *reader, class string) (*Index, error) {
	h, err := r.faissHeader(faissName(class))
	if err != nil {
		return nil, err
	}
	inner, err := r.fourcc("class of the index in the IDMap")
	if err != nil {
		return nil, err
	}
	if inner != "IHNf" {
		return nil, fmt.Errorf("holds %s of %s; only IndexHNSWFlat is read", faissName(class), faissName(inner))
	}
	x, err := readHNSWFlat(r)
	if err != nil {
		return nil, err
	}
	x.Class = faissName(class) + " of " + x.Class
	count, err := r.uint64("id_map size")
	if err != nil {
		return nil, err
	}
	if count != uint64(x.Len()) || h.n != uint64(x.Len()) {
		return nil, fmt.Errorf("id_map has %d IDs and the IDMap %d vectors, but the index has %d", count, h.n, x.Len())
	}
	x.signed = true
	x.ids, err = r.uint64s("id_map", count)
	return x, err
}

// faissHeader is the beginning of every index.
type faissHeader struct {
	d      int
	n      uint64
	metric ann.Metric
}

func (r *reader) faissHeader(of string) (h faissHeader, err error) {
	var b []byte
	if b, err = r.bytes(of+" header", 4+8+8+8+1+4); err != nil {
		return h, err
	}
	d := int32(le.Uint32(b))
	h.n = le.Uint64(b[4:])
	metric := int32(le.Uint32(b[29:]))
	switch {
	case d < 1:
		return h, fmt.Errorf("%s: d = %d: must be at least 1", of, d)
	case h.n < 1:
		return h, fmt.Errorf("%s: ntotal = 0: the index is empty", of)
	case h.n > 1<<31-1:
		return h, fmt.Errorf("%s: ntotal = %d: must be below 2³¹", of, h.n)
	case metric == 0:
		h.metric = ann.InnerProduct
	case metric == 1:
		h.metric = ann.Euclidean
	default:
		return h, fmt.Errorf("%s: metric_type = %d: only METRIC_INNER_PRODUCT (0) and METRIC_L2 (1) are read", of, metric)
	}
	h.d = int(d)
	return h, nil
}

func readHNSWFlat(r *reader) (*Index, error) {
	h, err := r.faissHeader("IndexHNSWFlat")
	if err != nil {
		return nil, err
	}
	g, err := r.faissGraph(h.n)
	if err != nil {
		return nil, err
	}
	class, err := r.fourcc("class of storage")
	if err != nil {
		return nil, err
	}
	if class == "null" {
		return nil, errors.New("storage: the file was written without its vectors (IO_FLAG_SKIP_STORAGE)")
	}
	if class != "IxF2" && class != "IxFI" && class != "IxFl" {
		return nil, fmt.Errorf("storage: is %s; only IndexFlat is read", faissName(class))
	}
	s, err := r.faissHeader("storage")
	if err != nil {
		return nil, err
	}
	if s.n != h.n || s.d != h.d || s.metric != h.metric {
		return nil, fmt.Errorf("storage: %d × %d vectors under %v, but the index has %d × %d under %v", s.n, s.d, s.metric, h.n,
			h.d, h.metric)
	}
	count, err := r.uint64("storage codes size")
	if err != nil {
		return nil, err
	}
	if count != h.n*uint64(h.d) {
		return nil, fmt.Errorf("storage codes: %d numbers do not make %d × %d", count, h.n, h.d)
	}
	if err := r.need("storage codes", count, 4); err != nil {
		return nil, err
	}
	x := &Index{Class: faissName("IHNf"), Metric: h.metric, Vectors: ann.Vectors{N: int(h.n), D: h.d, Data: make([]float32, count)}}
	if err := r.floats("storage codes", x.Vectors.Data); err != nil {
		return nil, err
	}
	x.M, x.Ground, x.EfConstruction, x.EfSearch = g.m, g.ground, g.efConstruction, g.efSearch
	return x, x.adopt("hnsw.neighbors", g.links)
}

// faissGraph is the content of faiss::HNSW.
type faissGraph struct {
	links                               hnsw.Links
	m, ground, efConstruction, efSearch int
}

func (r *reader) faissGraph(n uint64) (g faissGraph, err error) {
	count, err := r.uint64("hnsw.assign_probas size")
	if err != nil {
		return g, err
	}
	if err := r.skip("hnsw.assign_probas", count, 8); err != nil {
		return g, err
	}
	cumulative, err := r.vector("hnsw.cum_nneighbor_per_level", 0)
	if err != nil {
		return g, err
	}
	if g.m, g.ground, err = faissSlots(cumulative); err != nil {
		return g, fmt.Errorf("hnsw.cum_nneighbor_per_level: %w", err)
	}
	levels, err := r.vector("hnsw.levels", n)
	if err != nil {
		return g, err
	}
	g.links.Ground, g.links.Level = g.ground, make([]uint8, n)
	for i, l := range levels {
		if l < 1 || int(l) >= len(cumulative) || l > 256 {
			return g, fmt.Errorf("hnsw.levels: node %d is on %d levels; the file has slots for 1 to %d", i, l, len(cumulative)-1)
		}
		g.links.Level[i] = uint8(l - 1)
	}
	if err := r.faissOffsets(levels, cumulative); err != nil {
		return g, err
	}
	if g.links.Slots, err = r.vector("hnsw.neighbors", 0); err != nil {
		return g, err
	}
	return g, r.faissParameters(&g)
}

// vector reads a vector of numbers of 32 bits, of want numbers unless want is 0.
func (r *reader) vector(field string, want uint64) ([]int32, error) {
	count, err := r.uint64(field + " size")
	if err != nil {
		return nil, err
	}
	if want != 0 && count != want {
		return nil, fmt.Errorf("%s: %d numbers for %d vectors", field, count, want)
	}
	return r.int32s(field, count)
}

// faissSlots returns the number of slots on the upper levels and on level 0.
func faissSlots(cumulative []int32) (m, ground int, err error) {
	if len(cumulative) < 2 || cumulative[0] != 0 || cumulative[1] < 1 {
		return 0, 0, fmt.Errorf("%v: must begin with 0 and the number of slots on level 0", cumulative[:min(len(cumulative), 2)])
	}
	ground = int(cumulative[1])
	if len(cumulative) == 2 {
		return max(1, ground/2), ground, nil
	}
	m = int(cumulative[2]) - ground
	for i := 2; i < len(cumulative); i++ {
		if int(cumulative[i])-int(cumulative[i-1]) != m || m < 1 {
			return 0, 0, fmt.Errorf("level %d has %d slots and level 1 has %d: upper levels of different size are not read",
				i-1, cumulative[i]-cumulative[i-1], m)
		}
	}
	return m, ground, nil
}

// faissOffsets checks the table of the places where the slots of each node begin, which follows from the levels.
func (r *reader) faissOffsets(levels, cumulative []int32) error {
	count, err := r.uint64("hnsw.offsets size")
	if err != nil {
		return err
	}
	if count != uint64(len(levels))+1 {
		return fmt.Errorf("hnsw.offsets: %d numbers for %d vectors", count, len(levels))
	}
	want, wrong := uint64(0), -1
	err = r.pieces("hnsw.offsets", count, 8, func(first int, b []byte) {
		for i := 0; i < len(b); i += 8 {
			if le.Uint64(b[i:]) != want && wrong < 0 {
				wrong = first + i/8
			}
			if node := first + i/8; node < len(levels) {
				want += uint64(cumulative[levels[node]])
			}
		}
	})
	if err == nil && wrong >= 0 {
		err = fmt.Errorf("hnsw.offsets: the entry of node %d does not agree with hnsw.levels", wrong)
	}
	return err
}

func (r *reader) faissParameters(g *faissGraph) error {
	var numbers [5]int32
	for i, field := range []string{"entry_point", "max_level", "efConstruction", "efSearch", "upper_beam"} {
		n, err := r.int32("hnsw." + field)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	g.links.EntryPoint, g.efConstruction, g.efSearch = numbers[0], int(numbers[2]), int(numbers[3])
	if top := slices.Max(g.links.Level); numbers[1] != int32(top) {
		return fmt.Errorf("hnsw.max_level = %d, but the highest level of a node is %d", numbers[1], top)
	}
	if g.efSearch < 1 || g.efConstruction < 1 {
		return fmt.Errorf("hnsw.efSearch = %d and hnsw.efConstruction = %d: must be at least 1", g.efSearch, g.efConstruction)
	}
	return nil
}
