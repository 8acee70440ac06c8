package trees

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/spatial/vptree"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// VP is gonum's vantage-point tree (Yianilos 1993). Any number of goroutines may search.
//
// Among equal points it can name one twice and lose another: when a node is built, gonum v0.17.0 takes the first of the
// sorted points for the vantage point and leaves it out, which may be a copy of it (vptree.go, partition). The distances
// are right.
type VP struct {
	tree *vptree.Tree
}

// vantageEffort is how many points compete to be a vantage point.
const vantageEffort = 5

// NewVP builds the tree; the same base and seed give the same tree.
func NewVP(base ann.Vectors, seed uint64) (*VP, error) {
	list := make([]vptree.Comparable, base.N)
	for i, p := range pointsOf(base) {
		list[i] = metricPoint{p}
	}
	tree, err := vptree.New(list, vantageEffort, rand.NewPCG(seed, 0))
	return &VP{tree}, err
}

// Nearest is gonum's search, depth first with backtracking: it leaves out the inside or the outside of a ball that cannot
// hold anything nearer than the k-th nearest so far. Distances are L2.
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

// timesEach is how often gonum computes the distance of each point that it looks at.
const timesEach = 2

// metricPoint is a row of the base for package vptree, which wants L2.
type metricPoint struct{ *point }

func (p metricPoint) Distance(c vptree.Comparable) float64 {
	return math.Sqrt(squared(p.vector, c.(metricPoint).vector))
}

// countingMetric is a query that counts the distances it is asked for.
type countingMetric struct {
	metricPoint
	distances int
}

func (q *countingMetric) Distance(c vptree.Comparable) float64 {
	q.distances++
	return q.metricPoint.Distance(c)
}
