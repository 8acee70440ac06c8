// Package ann defines the basic types of anncapacity: vectors, metrics, neighbours, queries and the Searcher interface.
// It imports no other package of the project.
package ann

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Vectors is an n × d matrix of float32 in row-major order. Row i is vector i, and i is its ID in every package.
type Vectors struct {
	N, D int
	Data []float32 // length N·D
}

// NewVectors returns data as n × d vectors, without a copy. It is an error if the length of data is not n·d or if a
// number is not finite.
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

// Row returns vector i as a view of length D.
func (v Vectors) Row(i int) []float32 { return v.Data[i*v.D : (i+1)*v.D : (i+1)*v.D] }

// Subset returns a copy of the rows with the given IDs, in the order of ids. Row j of the copy has ID j. An ID outside 0
// … N−1 is an error.
func (v Vectors) Subset(ids []int32) (Vectors, error) {
	s := Vectors{N: len(ids), D: v.D, Data: make([]float32, 0, len(ids)*v.D)}
	for _, id := range ids {
		if id < 0 || int(id) >= v.N {
			return s, fmt.Errorf("vectors: row %d is out of range: there are %d rows", id, v.N)
		}
		s.Data = append(s.Data, v.Row(int(id))...)
	}
	return s, nil
}

// SquaredL2 returns the squared Euclidean distance Σ (aᵢ − bᵢ)², computed in float32. It panics if b is shorter than a.
func SquaredL2(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		d0, d1, d2, d3 := a[i]-b[i], a[i+1]-b[i+1], a[i+2]-b[i+2], a[i+3]-b[i+3]
		s0 += float32(d0 * d0)
		s1 += float32(d1 * d1)
		s2 += float32(d2 * d2)
		s3 += float32(d3 * d3)
	}
	for ; i < len(a); i++ {
		d := a[i] - b[i]
		s0 += float32(d * d)
	}
	return (s0 + s1) + (s2 + s3)
}

// L2 returns the Euclidean distance between a and b. It is computed in double precision if float32 cannot hold the
// squared distance. It panics if b is shorter than a.
func L2(a, b []float32) float32 {
	squared := float64(SquaredL2(a, b))
	if squared < vanishing*vanishing || squared > math.MaxFloat32 {
		squared = 0
		for i, x := range a {
			d := float64(x) - float64(b[i])
			squared += float64(d * d)
		}
	}
	return float32(math.Sqrt(squared))
}

// Neighbor is a base vector found by a search: its ID and its distance to the query. The distance is L2, never squared,
// unless another metric is named; under the inner product it is −⟨a, b⟩.
type Neighbor struct {
	ID       int32
	Distance float32
}

// Compare orders neighbours by distance, and by ID if the distances are equal.
func (a Neighbor) Compare(b Neighbor) int {
	return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(a.ID, b.ID))
}

// Neighbors is the result of one query, in ascending order of distance, ties by ID. It never contains the query itself.
// The list is shorter than k if the engine found fewer; it is never padded. Exact search orders by distances before they
// are rounded to float32, so neighbours with equal Distance may not be in the order of their IDs.
type Neighbors []Neighbor

// Sort sorts the list by distance, ties by ID.
func (ns Neighbors) Sort() { slices.SortFunc(ns, Neighbor.Compare) }

// Query is a vector to search for. If the query is itself an indexed point, it also holds the point's ID. That point is
// excluded from the result by its ID, so other points equal to it may be returned.
type Query struct {
	Vector []float32
	self   int32 // ID + 1; 0 when the query is not an indexed point
}

// Point returns a query for the neighbours of row id of base.
func Point(base Vectors, id int32) Query { return Query{Vector: base.Row(int(id)), self: id + 1} }

// PointID returns a query for the neighbours of point id, without its vector. It is for searchers that identify points
// by ID alone, such as a walk over a matrix of distances.
func PointID(id int32) Query { return Query{self: id + 1} }

// Self returns the ID of the indexed point that the query is. ok is false if the query is not an indexed point.
func (q Query) Self() (id int32, ok bool) { return q.self - 1, q.self > 0 }

// Searcher is implemented by everything that finds neighbours: exact search, the project's index and foreign engines.
type Searcher interface {
	// Search returns at most k neighbours of the query. It is an error if k < 1, if k exceeds the number of
	// points that could be returned, or if the query has the wrong dimension.
	Search(query Query, k int) (Neighbors, error)
}

// CheckQuery reports a query that does not have d dimensions or names a point outside the n indexed points, or a k
// outside 1 … candidates. Every Searcher calls it.
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

// CheckK reports a k outside 1 … candidates, the number of points that a result could hold.
func CheckK(k, candidates int) error {
	if candidates < 1 {
		return fmt.Errorf("k = %d: there is only one vector, which has no neighbours", k)
	}
	if k < 1 || k > candidates {
		return fmt.Errorf("k = %d: must be between 1 and %d, the number of points other than the query", k, candidates)
	}
	return nil
}
