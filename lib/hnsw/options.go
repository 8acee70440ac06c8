// Package hnsw implements the Hierarchical Navigable Small World index of Malkov & Yashunin (IEEE TPAMI 2020,
// arXiv 1603.09320). It builds graphs as FAISS's IndexHNSWFlat or hnswlib builds them, and searches them by walks. One
// walk gives the answers for every k and efSearch and for every capacity policy.
//
// Build returns an immutable Graph. The parameters of a search, efSearch and policy, are not part of the graph.
package hnsw

import (
	"cmp"
	"fmt"
)

// Options are the parameters of construction. The zero value is the study's default.
type Options struct {
	M              int // links per node on the upper levels, 2M on level 0. Zero means 32. Range 2–256.
	EfConstruction int // candidates kept in a search for links. Zero means 200. Range 1–65535.
	Selection      Selection
	Insertion      Insertion
	Seed           uint64 // draws the levels and the order of insertion

	// MaxMatrix is the maximum size, in bytes, of the matrix of all pairs that Build may compute for vectors of at least 512
	// dimensions (OnVectors). n vectors need 4n² bytes. Zero means 64 MiB, which is 4,096 vectors, and
	// 1 GiB for AsFAISS115, whose graphs are not built on rounded vectors. Beyond 16,384 vectors a matrix is
	// slower, and none is computed. The graphs on a matrix and without one differ as those of two seeds do.
	MaxMatrix int64

	// Progress, if not nil, is called by Build with the share of the points that are inserted, in ascending order. The graph does not
	// keep it.
	Progress func(share float64) `json:"-"`
}

// Selection is the rule by which the links of a new node are selected from the candidates: whether Algorithm 4 is always
// applied.
type Selection uint8

const (
	// SelectWhenFull is FAISS's rule: if there are fewer candidates than slots, all of them are linked. With
	// efConstruction < 2M, no candidates are pruned on level 0.
	SelectWhenFull Selection = iota
	// SelectAlways is the paper's rule: the heuristic is applied to every candidate.
	SelectAlways
)

// String returns the name of the rule for tables.
func (s Selection) String() string {
	switch s {
	case SelectWhenFull:
		return "when full (FAISS)"
	case SelectAlways:
		return "always"
	}
	return fmt.Sprintf("Selection(%d)", uint8(s))
}

const (
	defaultM, minM, maxM                                        = 32, 2, 256
	defaultEfConstruction, minEfConstruction, maxEfConstruction = 200, 1, 65535
)

// defaultMaxMatrix is the default of Options.MaxMatrix.
const defaultMaxMatrix = 64 << 20

// allowsMatrix reports whether Build computes the matrix of all pairs of n vectors of d dimensions.
func (o Options) allowsMatrix(n, d int) bool {
	limit := cmp.Or(o.MaxMatrix, defaultMaxMatrix)
	if o.MaxMatrix == 0 && o.Insertion.snapshots() {
		limit = 4 * matrixPoints * matrixPoints
	}
	return n <= matrixPoints && d >= matrixDimensions && 4*int64(n)*int64(n) <= limit
}

// allowsCodes reports whether Build may order n vectors by vectors rounded to 8 bits.
func (o Options) allowsCodes(n int) bool { return n >= codePoints && !o.Insertion.snapshots() }

func (o Options) withDefaults() (Options, error) {
	if o.M == 0 {
		o.M = defaultM
	}
	if o.EfConstruction == 0 {
		o.EfConstruction = defaultEfConstruction
	}
	switch {
	case o.MaxMatrix < 0:
		return o, fmt.Errorf("hnsw: MaxMatrix = %d bytes: must not be negative", o.MaxMatrix)
	case o.M < minM || o.M > maxM:
		return o, fmt.Errorf("hnsw: M = %d: must be %d to %d", o.M, minM, maxM)
	case o.EfConstruction < minEfConstruction || o.EfConstruction > maxEfConstruction:
		return o, fmt.Errorf("hnsw: efConstruction = %d: must be %d to %d", o.EfConstruction, minEfConstruction, maxEfConstruction)
	case o.Insertion > AsHNSWLibSorted:
		return o, fmt.Errorf("hnsw: unknown insertion %d: must be AsFAISS … AsHNSWLibSorted", o.Insertion)
	case o.Selection > SelectAlways:
		return o, fmt.Errorf("hnsw: unknown selection rule %d", o.Selection)
	}
	return o, nil
}
