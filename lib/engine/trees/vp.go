package trees

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/spatial/vptree"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// VP is gonum's vantage-point tree (Yianilos 1993). It is safe for concurrent use.
//
// Among equal points, an answer can repeat one and omit another: when gonum v0.17.0 builds a node, it removes the first of
// the sorted points as the vantage point, although that point may be a copy of it (vptree.go, partition). The distances are
// correct.
type VP struct {
	tree *vptree.Tree
}

// vantageEffort is the number of candidates for a vantage point.
const vantageEffort = 5

// NewVP returns a tree of the rows of base. The same base and seed give the same tree.
func NewVP(base ann.Vectors, seed uint64) (*VP, error) {
	list := make([]vptree.Comparable, base.N)
	for i, p := range pointsOf(base) {
		list[i] = metricPoint{p}
	}
	tree, err := vptree.New(list, vantageEffort, rand.NewPCG(seed, 0))
	return &VP{tree}, err
}

// Nearest returns the k nearest points. It is gonum's depth-first search with backtracking, which does not visit the inside
// or the outside of a ball that cannot hold a point nearer than the k-th nearest found so far. Distances are L2.
func (t *VP) Nearest(query []float32, k int) Found {
	q := &countingMetric{metricPoint: metricPoint{&point{-1, query}}}
	nearest := vptree.NewNKeeper(k)
	t.tree.NearestSet(nearest, q)
	a := engine.Answer{IDs: make([]int32, len(nearest.Heap)), Distances: make([]float32, len(nearest.Heap))}
	for i, c := range nearest.Heap {
		a.IDs[i], a.Distances[i] = c.Comparable.(metricPoint).id, float32(c.Dist)
	}
	return Found{a, q.distances / timesEach}
}

// timesEach is the number of times that gonum computes the distance of each point visited.
const timesEach = 2

// metricPoint is a row of the base for package vptree, whose distance is L2.
type metricPoint struct{ *point }

func (p metricPoint) Distance(c vptree.Comparable) float64 {
	return math.Sqrt(squared(p.vector, c.(metricPoint).vector))
}

// countingMetric is a query that counts the distances computed.
type countingMetric struct {
	metricPoint
	distances int
}

func (q *countingMetric) Distance(c vptree.Comparable) float64 {
	q.distances++
	return q.metricPoint.Distance(c)
}
