package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// Growth is the exact neighbours of one query and an answer to it while k grows, with the running sums from which
// measures compute their values at each k. A query begins with Begin; then, for each k in ascending order, Visited or
// Answered where the answer changed, and Measure. Restart begins the same query again, with another answer at the
// smallest k.
//
// It holds the scratch of one goroutine.
type Growth struct {
	K        int // neighbours asked
	Found    int // length of the answer to K
	Shared   int // exact neighbours among these
	Capacity int // nodes other than the query that the search visited; of an engine that does not tell, Found

	exact, answer *sums
	exactList     []Member
	answerList    []Member
	apart         *difference

	ids     []int32 // of the exact list
	efforts []int32 // of the exact list, where the answer is what a walk visited
	effort  int     // efSearch of that answer
	counted int     // exact neighbours that Shared is counted over
	reply   ann.Neighbors
}

// NewGrowth returns a Growth for queries to the points of base and k up to most.
func NewGrowth(base ann.Vectors, most int) *Growth {
	return &Growth{exact: newSums(most), answer: newSums(most), apart: newDifference(base)}
}

// Begin starts a query: ids are its exact neighbours, as many as the largest k, and squared its squared L2 distance to
// every point.
func (g *Growth) Begin(ids []int32, squared []float32) {
	g.ids, g.exactList = ids, g.exactList[:0]
	for _, id := range ids {
		g.exactList = append(g.exactList, NewMember(id, squared[id]))
	}
	g.exact.of(g.exactList, 0)
	g.Restart()
}

// Restart prepares the same query for another answer, from the smallest k.
func (g *Growth) Restart() {
	g.apart.reset()
	g.Shared, g.counted = 0, 0
}

// Visited takes the answer of the policy Pad at an efSearch: list is the nearest of the visited nodes, the first same
// of them copies of those of the call before, capacity the number of nodes visited, and efforts those of the exact
// neighbours (hnsw.Walk.Efforts). It takes the roots of the other members, in place.
func (g *Growth) Visited(list []Member, same, capacity int, efforts []int32, efSearch int) {
	g.answer.of(list, same)
	g.Capacity, g.efforts, g.effort, g.Shared, g.counted = capacity, efforts, efSearch, 0, 0
}

// Answered takes the answer of any engine to the next k.
func (g *Growth) Answered(list ann.Neighbors) {
	g.answerList = g.answerList[:0]
	for _, n := range list {
		g.answerList = append(g.answerList, NewMember(n.ID, n.Distance*n.Distance))
	}
	g.answer.of(g.answerList, 0)
	g.Capacity, g.reply, g.efforts = len(list), list, nil
}

// Measure writes the value of every measure at k, in the order of Measures.
func (g *Growth) Measure(k int, out []float32) {
	g.K, g.Found = k, min(k, len(g.answer.list))
	if g.efforts == nil {
		g.Shared = Shared(g.ids, g.reply, k)
	} else {
		g.Shared += Reached(g.efforts[g.counted:k], g.effort)
		g.counted = k
	}
	g.apart.step(g.exact.list[:k], g.answer.list[:g.Found])
	for i := range Measures {
		out[i] = float32(Measures[i].running(g))
	}
}

// MeasureExact writes the value of every measure of one list for the exact neighbours at k, and NaN for those of two.
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

// Answer is the answer to K.
func (g *Growth) Answer() Prefix { return Prefix{g.answer, g.Found, g.K} }

// Exact is the first K of the exact neighbours.
func (g *Growth) Exact() Prefix { return Prefix{g.exact, g.K, g.K} }
