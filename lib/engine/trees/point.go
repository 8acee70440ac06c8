package trees

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/spatial/kdtree"

	"anncapacity/lib/ann"
)

// point is a row of the base and implements kdtree.Comparable.
type point struct {
	id     int32
	vector []float32
}

// Compare returns the signed distance of p from the plane through c perpendicular to axis d.
func (p *point) Compare(c kdtree.Comparable, d kdtree.Dim) float64 {
	return float64(p.vector[d]) - float64(c.(*point).vector[d])
}

// Dims returns the number of coordinates.
func (p *point) Dims() int { return len(p.vector) }

// Distance returns the squared Euclidean distance, as package kdtree requires.
func (p *point) Distance(c kdtree.Comparable) float64 { return squared(p.vector, c.(*point).vector) }

// squared returns ‖a − b‖² in double precision, because bounds and distances are compared with each other.
func squared(a, b []float32) float64 {
	b = b[:len(a)]
	var sum float64
	for i, x := range a {
		d := float64(x) - float64(b[i])
		sum += float64(d * d)
	}
	return sum
}

// points implements kdtree.Interface.
type points []*point

func pointsOf(base ann.Vectors) points {
	list := make(points, base.N)
	for i := range list {
		list[i] = &point{int32(i), base.Row(i)}
	}
	return list
}

func (p points) Index(i int) kdtree.Comparable         { return p[i] }
func (p points) Len() int                              { return len(p) }
func (p points) Slice(start, end int) kdtree.Interface { return p[start:end] }

// Pivot sorts the points by coordinate d and returns the index of the median. gonum's own pivots are random, which would
// give a different tree each time.
func (p points) Pivot(d kdtree.Dim) int {
	slices.SortFunc(p, func(a, b *point) int {
		return cmp.Or(cmp.Compare(a.vector[d], b.vector[d]), cmp.Compare(a.id, b.id))
	})
	return len(p) / 2
}

// counting is a query that counts the distances computed.
type counting struct {
	*point
	distances int
}

func (q *counting) Distance(c kdtree.Comparable) float64 {
	q.distances++
	return q.point.Distance(c)
}
