package trees

import (
	"cmp"
	"container/heap"
	"slices"

	"gonum.org/v1/gonum/spatial/kdtree"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// KD is gonum's k-d tree: each node holds one point, and a plane through it that halves what lies below, the axes taking
// turns. Any number of goroutines may search.
type KD struct {
	tree *kdtree.Tree
}

// NewKD builds the tree; the same base gives the same tree.
func NewKD(base ann.Vectors) *KD { return &KD{kdtree.New(pointsOf(base), false)} }

// Nearest is gonum's search, depth first with backtracking: it leaves out the far side of a plane that is farther away than
// the k-th nearest point so far. Distances are squared.
func (t *KD) Nearest(query []float32, k int) Found {
	q := &counting{point: &point{-1, query}}
	nearest := kdtree.NewNKeeper(k)
	t.tree.NearestSet(nearest, q)
	return Found{answer(nearest.Heap), q.distances}
}

// BestFirst looks into the subtrees nearest to the query first (Arya & Mount 1993; Beis & Lowe 1997) and ends after so many
// leaves, or when no subtree left is nearer than the k-th nearest point so far: then the answer is exact. Distances are
// squared.
func (t *KD) BestFirst(query []float32, k, leaves int) Found {
	w := walk{query: &counting{point: &point{-1, query}}, nearest: kdtree.NewNKeeper(k)}
	w.ahead = subtrees{{node: t.tree.Root}}
	for ; leaves > 0 && len(w.ahead) > 0; leaves-- {
		next := heap.Pop(&w.ahead).(subtree)
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

// walk is one best-first search.
type walk struct {
	query   *counting
	nearest *kdtree.NKeeper
	ahead   subtrees
}

// subtree waits to be looked into.
type subtree struct {
	node    *kdtree.Node
	squared float64 // of the distance from the query to the box that holds it
	outside *outside
}

// outside is how far the query lies outside of a box along one axis; then along the others.
type outside struct {
	axis    kdtree.Dim
	squared float64
	others  *outside
}

// along is the squared distance along an axis.
func (o *outside) along(axis kdtree.Dim) float64 {
	for ; o != nil; o = o.others {
		if o.axis == axis {
			return o.squared
		}
	}
	return 0
}

// descend goes down to the leaf on the query's side of every plane. It looks at the points on its way and leaves the other
// sides for later.
func (w *walk) descend(s subtree) {
	for node := s.node; node != nil; {
		w.nearest.Keep(kdtree.ComparableDist{Comparable: node.Point, Dist: w.query.Distance(node.Point)})
		near, far := node.Left, node.Right
		c := w.query.Compare(node.Point, node.Plane)
		if c > 0 {
			near, far = far, near
		}
		squared := s.squared - s.outside.along(node.Plane) + c*c
		if far != nil && squared <= w.nearest.Max().Dist {
			heap.Push(&w.ahead, subtree{far, squared, &outside{node.Plane, c * c, s.outside}})
		}
		node = near
	}
}

// subtrees is a heap, nearest first.
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

// answer is a sorted list of gonum's.
func answer(list []kdtree.ComparableDist) engine.Answer {
	a := engine.Answer{IDs: make([]int32, len(list)), Distances: make([]float32, len(list))}
	for i, c := range list {
		a.IDs[i], a.Distances[i] = c.Comparable.(*point).id, float32(c.Dist)
	}
	return a
}
