package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// Growth holds the exact neighbours of one query and an answer to it for increasing k, with the running sums from which
// measures compute their values at each k. Call Begin for a new query. Then, for each k in ascending order, call Visited or
// Answered if the answer has changed, and Measure. Restart starts over at the smallest k with another answer to the same
// query.
//
// A Growth is not safe for concurrent use.
type Growth struct {
	K        int // requested neighbours
	Found    int // length of the answer to K
	Shared   int // exact neighbours in the answer
	Capacity int // nodes other than the query that the search visited; for Answered, the length of its list

	exact, answer *sums
	exactList     []Member
	answerList    []Member
	difference    *difference

	ids      []int32 // of the exact list
	efforts  []int32 // of the exact list, if Visited set the answer
	efSearch int     // of that answer
	counted  int     // exact neighbours that Shared has counted
	answered ann.Neighbors
}

// NewGrowth returns a Growth for queries to the points of base and k up to most.
func NewGrowth(base ann.Vectors, most int) *Growth {
	return &Growth{exact: newSums(most), answer: newSums(most), difference: newDifference(base)}
}

// Begin starts a query. ids are its exact neighbours, as many as the largest k, and squared holds its squared L2 distances
// to all points.
func (g *Growth) Begin(ids []int32, squared []float32) {
	g.ids, g.exactList = ids, g.exactList[:0]
	for _, id := range ids {
		g.exactList = append(g.exactList, NewMember(id, squared[id]))
	}
	g.exact.update(g.exactList, 0)
	g.Restart()
}

// Restart starts the same query again, for another answer from the smallest k on.
func (g *Growth) Restart() {
	g.difference.reset()
	g.Shared, g.counted = 0, 0
}

// Visited sets the answer to that of the policy Pad at an efSearch. list holds the nearest of the visited nodes; its first
// same members equal those of the previous call. capacity is the number of nodes visited, and efforts are the efforts of
// the exact neighbours (hnsw.Walk.Efforts). Visited computes the roots and logarithms of the other members in place.
func (g *Growth) Visited(list []Member, same, capacity int, efforts []int32, efSearch int) {
	g.answer.update(list, same)
	g.Capacity, g.efforts, g.efSearch, g.Shared, g.counted = capacity, efforts, efSearch, 0, 0
}

// Answered sets the answer to that of any engine for the next k.
func (g *Growth) Answered(list ann.Neighbors) {
	g.answerList = g.answerList[:0]
	for _, n := range list {
		g.answerList = append(g.answerList, NewMember(n.ID, n.Distance*n.Distance))
	}
	g.answer.update(g.answerList, 0)
	g.Capacity, g.answered, g.efforts = len(list), list, nil
}

// Measure sets out to the values of all measures at k, in the order of Measures. Undefined values are NaN.
func (g *Growth) Measure(k int, out []float32) {
	g.K, g.Found = k, min(k, len(g.answer.list))
	if g.efforts == nil {
		g.Shared = Shared(g.ids, g.answered, k)
	} else {
		g.Shared += Reached(g.efforts[g.counted:k], g.efSearch)
		g.counted = k
	}
	g.difference.step(g.exact.list[:k], g.answer.list[:g.Found])
	for i := range Measures {
		out[i] = float32(Measures[i].running(g))
	}
}

// MeasureExact sets out to the values of the measures of a single list (Measure.List) for the exact neighbours at k, and to
// NaN for the other measures.
func (g *Growth) MeasureExact(k int, out []float32) {
	g.K = k
	for i := range Measures {
		value := math.NaN()
		if Measures[i].List != nil {
			value = Measures[i].List(g.Exact())
		}
		out[i] = float32(value)
	}
}

// Answer returns the answer to K.
func (g *Growth) Answer() Prefix { return Prefix{g.answer, g.Found, g.K} }

// Exact returns the first K exact neighbours.
func (g *Growth) Exact() Prefix { return Prefix{g.exact, g.K, g.K} }
