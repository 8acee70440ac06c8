package audit

import "slices"

// A step is a change of an answer as efSearch grows: from efSearch = effort on, the answer to a question for k neighbours holds
// length vectors, near of them not farther than the k-th exact one, same of them among the k exact ones.
type step struct {
	effort             int32
	same, near, length int16
}

// at returns the last step at or before an efSearch. Before the first, the answer is empty.
func at(steps []step, efSearch int) step {
	i, _ := slices.BinarySearchFunc(steps, efSearch, func(s step, e int) int {
		if int(s.effort) <= e {
			return -1
		}
		return 1
	})
	if i == 0 {
		return step{}
	}
	return steps[i-1]
}

// node is a visited node: its rank among all visited ones, and what it counts for.
type node struct {
	rank       int32
	same, near bool
}

// worstFirst is a binary heap of nodes, the farthest first.
type worstFirst []node

func (h *worstFirst) push(n node) {
	*h = append(*h, n)
	s := *h
	i := len(s) - 1
	for ; i > 0 && s[(i-1)/2].rank < n.rank; i = (i - 1) / 2 {
		s[i] = s[(i-1)/2]
	}
	s[i] = n
}

// replace replaces the farthest node.
func (h worstFirst) replace(n node) {
	i := 0
	for 2*i+1 < len(h) {
		child := 2*i + 1
		if child+1 < len(h) && h[child+1].rank > h[child].rank {
			child++
		}
		if h[child].rank <= n.rank {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = n
}

// growth follows the answer to one question while efSearch grows.
type growth struct {
	k     int
	kept  worstFirst
	now   step
	steps []step
}

func newGrowth(k int) *growth { return &growth{k: k, kept: make(worstFirst, 0, k)} }

func (g *growth) reset() { g.kept, g.now, g.steps = g.kept[:0], step{}, g.steps[:0] }

// full reports whether a node of that rank would not enter the answer.
func (g *growth) full(rank int32) bool { return len(g.kept) == g.k && g.kept[0].rank < rank }

// add adds a visited node. Nodes come in the order of their efforts.
func (g *growth) add(effort int32, n node) {
	if g.now.effort != effort {
		g.flush()
		g.now.effort = effort
	}
	if len(g.kept) < g.k {
		g.kept.push(n)
		g.now.length++
	} else {
		g.count(g.kept[0], -1)
		g.kept.replace(n)
	}
	g.count(n, 1)
}

func (g *growth) count(n node, by int16) {
	if n.same {
		g.now.same += by
	}
	if n.near {
		g.now.near += by
	}
}

// flush ends the step of the current effort.
func (g *growth) flush() {
	if g.now.effort == 0 {
		return
	}
	last := step{}
	if n := len(g.steps); n > 0 {
		last = g.steps[n-1]
	}
	if last.effort = g.now.effort; last != g.now {
		g.steps = append(g.steps, g.now)
	}
}

// finish returns a copy of the steps.
func (g *growth) finish() []step {
	g.flush()
	return slices.Clone(g.steps)
}
