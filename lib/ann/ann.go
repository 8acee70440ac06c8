// Package ann holds the words that every other package of anncapacity uses: vectors, neighbours, and whoever
// searches. It imports nothing of the project.
package ann

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Vectors is an n × d matrix of float32, row-major: row i is vector i, and i is its ID everywhere.
type Vectors struct {
	N, D int
	Data []float32 // length N·D
}

// NewVectors checks that data holds n × d finite numbers, and wraps it without a copy.
func NewVectors(n, d int, data []float32) (Vectors, error) {
	v := Vectors{N: n, D: d, Data: data}
	if n < 1 || d < 1 {
		return v, fmt.Errorf("vectors: shape %d × %d: both sides must be at least 1", n, d)
	}
	if len(data) != n*d {
		return v, fmt.Errorf("vectors: %d numbers do not make %d × %d", len(data), n, d)
	}
	for i, x := range data {
		if x-x != 0 { // NaN or infinite
			return v, fmt.Errorf("vectors: row %d, column %d is %v: every coordinate must be finite", i/d, i%d, x)
		}
	}
	return v, nil
}

// Row is vector i, a view of length D.
func (v Vectors) Row(i int) []float32 { return v.Data[i*v.D : (i+1)*v.D : (i+1)*v.D] }

// Subset copies the rows with the given IDs, in their order; in the copy, row j has ID j.
func (v Vectors) Subset(ids []int32) (Vectors, error) {
	s := Vectors{N: len(ids), D: v.D, Data: make([]float32, 0, len(ids)*v.D)}
	for _, id := range ids {
		if id < 0 || int(id) >= v.N {
			return s, fmt.Errorf("vectors: row %d asked of %d rows", id, v.N)
		}
		s.Data = append(s.Data, v.Row(int(id))...)
	}
	return s, nil
}

// SquaredL2 is the squared Euclidean distance Σ (aᵢ − bᵢ)². It panics when b is shorter than a.
func SquaredL2(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		d0, d1, d2, d3 := a[i]-b[i], a[i+1]-b[i+1], a[i+2]-b[i+2], a[i+3]-b[i+3]
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; i < len(a); i++ {
		d := a[i] - b[i]
		s0 += d * d
	}
	return (s0 + s1) + (s2 + s3)
}

// L2 is the Euclidean distance, the root of SquaredL2; in double precision where float32 cannot hold the square.
func L2(a, b []float32) float32 {
	squared := float64(SquaredL2(a, b))
	if squared < vanishing*vanishing || squared > math.MaxFloat32 {
		squared = 0
		for i, x := range a {
			d := float64(x) - float64(b[i])
			squared += d * d
		}
	}
	return float32(math.Sqrt(squared))
}

// Neighbor is one answer: the ID of a base vector and its distance to the query: L2 (never squared) unless another metric is
// spoken of; of the inner product its negative.
type Neighbor struct {
	ID       int32
	Distance float32
}

// Compare orders by distance, and by ID where distances tie.
func (a Neighbor) Compare(b Neighbor) int {
	return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(a.ID, b.ID))
}

// Neighbors is the answer to one query: ascending by distance, ties by ID, never holding the query itself, and
// shorter than k when the engine found fewer. Nothing pads a short list. Exact search orders by distances before they are
// rounded to float32: neighbours at one Distance may be in another order than their IDs.
type Neighbors []Neighbor

// Sort puts the list into its contractual order.
func (ns Neighbors) Sort() { slices.SortFunc(ns, Neighbor.Compare) }

// Query is a vector to search for and, when it is itself one of the indexed points, which one: that point is
// left out of the answer by identity, so an exact duplicate of it stays in.
type Query struct {
	Vector []float32
	self   int32 // ID + 1; 0 when the query is not an indexed point
}

// Point is the query that asks for the neighbours of row id of base.
func Point(base Vectors, id int32) Query { return Query{Vector: base.Row(int(id)), self: id + 1} }

// PointID is Point for a searcher that knows its points by ID alone, such as a walk over a matrix of distances.
func PointID(id int32) Query { return Query{self: id + 1} }

// Self is the ID of the indexed point that the query is, if it is one.
func (q Query) Self() (id int32, ok bool) { return q.self - 1, q.self > 0 }

// Searcher is anything that finds neighbours: exact search, the project's index, a foreign engine.
type Searcher interface {
	// Search returns at most k neighbours of the query. It is an error if k < 1, if k exceeds the number of
	// points that could be returned, or if the query has the wrong dimension.
	Search(query Query, k int) (Neighbors, error)
}

// CheckQuery is the check that every Searcher makes: dimension d, n indexed points, 1 ≤ k ≤ candidates.
func CheckQuery(q Query, k, n, d int) error {
	if len(q.Vector) != d {
		return fmt.Errorf("query has %d dimensions, the index %d", len(q.Vector), d)
	}
	candidates := n
	if id, ok := q.Self(); ok {
		if int(id) >= n {
			return fmt.Errorf("query is point %d of %d indexed points", id, n)
		}
		candidates--
	}
	return CheckK(k, candidates)
}

// CheckK reports a k outside 1 … candidates, the number of points that an answer could hold.
func CheckK(k, candidates int) error {
	if candidates < 1 {
		return fmt.Errorf("k = %d: there is one vector only, which has no neighbours", k)
	}
	if k < 1 || k > candidates {
		return fmt.Errorf("k = %d: must be between 1 and %d, the number of points other than the query", k, candidates)
	}
	return nil
}
