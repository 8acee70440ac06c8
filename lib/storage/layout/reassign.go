package layout

import (
	"container/heap"
	"context"

	"anncapacity/lib/ann"
)

// Parameters of a round.
const (
	nearPages    = 32 // pages to which a vector proposes itself
	nearestLists = 12 // lists in which they are searched
)

// reassign moves vectors between near pages with the given means and returns the new pages. None holds more than perPage vectors.
func reassign(ctx context.Context, base ann.Coordinates, pages [][]int32, means ann.Vectors, perPage int) ([][]int32, error) {
	d, err := newDirectory(ctx, means)
	if err != nil {
		return nil, err
	}
	w, err := d.wishes(ctx, base, pages)
	if err != nil {
		return nil, err
	}
	m := market{wishes: w, perPage: perPage, pages: make([]members, len(pages)), next: make([]uint8, base.N)}
	for id := range base.N {
		m.propose(int32(id))
	}
	p := placer{market: &m, base: base, means: means, scratch: [2][]float32{make([]float32, base.D), make([]float32, base.D)}}
	p.run()
	moved := make([][]int32, 0, len(pages))
	for _, page := range m.pages {
		if len(page) > 0 {
			moved = append(moved, page.ids())
		}
	}
	return moved, nil
}

// wishes holds, for every vector, the pages to which it proposes itself, the nearest first, and their squared distances.
type wishes struct {
	count   int // of each vector
	pages   []int32
	squared []float32
}

// market matches vectors with pages.
type market struct {
	wishes
	perPage int
	pages   []members
	next    []uint8 // the wish that a vector is at; count if it has none left
}

// member is a vector of a page. loss is by how much the square of its distance to the next page of its wishes is greater.
type member struct {
	loss float32
	id   int32
}

// members is a heap with the least loss at the root, ties by ID.
type members []member

func (m members) Len() int { return len(m) }
func (m members) Less(i, j int) bool {
	return m[i].loss < m[j].loss || m[i].loss == m[j].loss && m[i].id < m[j].id
}
func (m members) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m *members) Push(x any)   { *m = append(*m, x.(member)) }
func (m *members) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}

func (m members) ids() []int32 {
	ids := make([]int32, len(m))
	for i, x := range m {
		ids[i] = x.id
	}
	return ids
}

// propose proposes the vector to the pages of its wishes, and then the vector that is rejected, until none is rejected.
func (m *market) propose(id int32) {
	for int(m.next[id]) < m.count {
		at := int(id)*m.count + int(m.next[id])
		page := &m.pages[m.wishes.pages[at]]
		x := member{m.loss(at, id), id}
		if len(*page) < m.perPage {
			heap.Push(page, x)
			return
		}
		if worst := (*page)[0]; x.loss > worst.loss || x.loss == worst.loss && x.id > worst.id {
			(*page)[0] = x
			heap.Fix(page, 0)
			id = worst.id
		}
		m.next[id]++
	}
}

// lastLoss is the loss of a vector that is rejected by its last page, in squares of its distance to that page.
const lastLoss = 0.5

// loss returns what vector id loses if it is rejected by the page of the wish at the given place.
func (m *market) loss(at int, id int32) float32 {
	if int(m.next[id])+1 == m.count {
		return lastLoss * m.squared[at]
	}
	return m.squared[at+1] - m.squared[at]
}
