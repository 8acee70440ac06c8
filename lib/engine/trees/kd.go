package trees

import (
	"cmp"
	"container/heap"
	"slices"

	"gonum.org/v1/gonum/spatial/kdtree"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// KD is gonum's k-d tree. Each node holds one point and a plane through it that splits the points below the node into
// halves; the axis of the plane alternates. It is safe for concurrent use.
type KD struct {
	tree *kdtree.Tree
}

// NewKD returns a tree of the rows of base. The same base gives the same tree.
func NewKD(base ann.Vectors) *KD { return &KD{kdtree.New(pointsOf(base), false)} }

// Nearest returns the k nearest points. It is gonum's depth-first search with backtracking, which does not visit the far
// side of a plane that is farther away than the k-th nearest point found so far. Distances are squared.
func (t *KD) Nearest(query []float32, k int) Found {
	q := &counting{point: &point{-1, query}}
	nearest := kdtree.NewNKeeper(k)
	t.tree.NearestSet(nearest, q)
	return Found{answer(nearest.Heap), q.distances}
}

// BestFirst returns the nearest points found by a best-first search (Arya & Mount 1993; Beis & Lowe 1997). It visits the
// subtree nearest to the query first. It ends after the given number of leaves, or when no remaining subtree is nearer than
// the k-th nearest point found so far; in the second case the answer is exact. Distances are squared.
func (t *KD) BestFirst(query []float32, k, leaves int) Found {
	w := walk{query: &counting{point: &point{-1, query}}, nearest: kdtree.NewNKeeper(k)}
	w.queue = subtrees{{node: t.tree.Root}}
	for ; leaves > 0 && len(w.queue) > 0; leaves-- {
		next := heap.Pop(&w.queue).(subtree)
		if next.squared > w.nearest.Max().Dist {
			break
		}
		w.descend(next)
	}
	found := slices.Clone(w.nearest.Heap)
	slices.SortFunc(found, func(a, b kdtree.ComparableDist) int {
		return cmp.Compare(a.Dist, b.Dist)
	})
	return Found{answer(slices.DeleteFunc(found, func(c kdtree.ComparableDist) bool { return c.Comparable == nil })), w.query.distances}
}

// walk holds the state of one best-first search.
type walk struct {
	query   *counting
	nearest *kdtree.NKeeper
	queue   subtrees
}

// subtree is a subtree that was not visited yet.
type subtree struct {
	node    *kdtree.Node
	squared float64 // squared distance from the query to the box of the subtree
	outside *outside
}

// outside is the squared distance of the query from a box along one axis, followed by those along the other axes.
type outside struct {
	axis    kdtree.Dim
	squared float64
	others  *outside
}

// along returns the squared distance along an axis.
func (o *outside) along(axis kdtree.Dim) float64 {
	for ; o != nil; o = o.others {
		if o.axis == axis {
			return o.squared
		}
	}
	return 0
}

// descend follows the query's side of every plane down to a leaf. It visits the points on the path and adds the other sides
// to the queue.
func (w *walk) descend(s subtree) {
	for node := s.node; node != nil; {
		w.nearest.Keep(kdtree.ComparableDist{Comparable: node.Point, Dist: w.query.Distance(node.Point)})
		near, far := node.Left, node.Right
		c := w.query.Compare(node.Point, node.Plane)
		if c > 0 {
			near, far = far, near
		}
		squared := s.squared - s.outside.along(node.Plane) + float64(c*c)
		if far != nil && squared <= w.nearest.Max().Dist {
			heap.Push(&w.queue, subtree{far, squared, &outside{node.Plane, c * c, s.outside}})
		}
		node = near
	}
}

// subtrees implements heap.Interface; the nearest subtree is first.
type subtrees []subtree

func (s subtrees) Len() int           { return len(s) }
func (s subtrees) Less(i, j int) bool { return s[i].squared < s[j].squared }
func (s subtrees) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *subtrees) Push(x any)        { *s = append(*s, x.(subtree)) }
func (s *subtrees) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}

// answer returns a sorted list of gonum's as an engine's answer.
func answer(list []kdtree.ComparableDist) engine.Answer {
	a := engine.Answer{IDs: make([]int32, len(list)), Distances: make([]float32, len(list))}
	for i, c := range list {
		a.IDs[i], a.Distances[i] = c.Comparable.(*point).id, float32(c.Dist)
	}
	return a
}
