package audit

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/progress"
)

// survey holds what the walks found.
type survey struct {
	*problem
	steps     [][][]step // by k and query
	efforts   []int      // values of efSearch at which searches are counted, ascending
	visited   [][]int32  // by effort and query: number of nodes visited
	hits      [][]int64  // by effort: for k = 1 … depth, the sum over the queries of the answers not farther than the k-th exact neighbour
	largest   int        // the efSearch of the walks
	exhausted bool       // no larger efSearch visits more nodes
}

// walkAll performs one walk for each query.
func (p *problem) walkAll(ctx context.Context) (*survey, error) {
	n := p.asked.N
	s := &survey{problem: p, largest: p.largestEffort(), exhausted: true, steps: make([][][]step, len(p.K))}
	for i := range s.steps {
		s.steps[i] = make([][]step, n)
	}
	for _, k := range p.K {
		for _, ef := range p.EfSearch {
			s.efforts = append(s.efforts, ef, p.effort(k, ef))
		}
	}
	s.efforts = slices.Compact(slices.Sorted(slices.Values(s.efforts)))
	for range s.efforts {
		s.visited, s.hits = append(s.visited, make([]int32, n)), append(s.hits, make([]int64, p.depth))
	}
	bar := progress.New(p.Progress, fmt.Sprintf("walks up to efSearch %d", s.largest), n, "queries")
	defer bar.Stop()
	var mu sync.Mutex
	return s, parallel.Each(ctx, n, func() (func(q int) error, error) {
		w, err := s.newWalker()
		return func(q int) error {
			if err := w.run(q); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			w.addHits()
			w.addLabels()
			s.exhausted = s.exhausted && w.exhausted
			bar.Add(1)
			return nil
		}, err
	})
}

// walker performs walks, with the scratch space of one goroutine.
type walker struct {
	*survey
	walks     *hnsw.Walker
	query     int
	ids       []int32         // the visited nodes, nearest first, without the query and those that are marked as deleted
	efforts   []int32         // of these
	distances []float32       // of these, by the base; −1 if it is not computed yet
	place     map[int32]int32 // of the exact neighbours among these
	order     []uint64        // efforts and ranks, ascending
	growths   []*growth       // by k
	hits      []int64         // of the query, by effort and k
	ranks     []int           // of the nodes with a label
	counts    [][]count       // of the query, by label, as in labelled.sums
	exhausted bool
}

func (s *survey) newWalker() (*walker, error) {
	w := &walker{survey: s, place: map[int32]int32{}, hits: make([]int64, len(s.efforts)*s.depth)}
	for _, k := range s.K {
		w.growths = append(w.growths, newGrowth(k))
	}
	var err error
	if w.walks, err = hnsw.NewBoundedWalker(s.Index.Graph, s.space); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return w, w.walks.Exclude(s.Index.Deleted)
}

// run performs the walk of a query.
func (w *walker) run(q int) error {
	walk, err := w.walks.Walk(ann.Query{Vector: w.walked.Row(q)}, w.largest)
	if err != nil {
		return fmt.Errorf("%s: query %s: %w", w.Name, w.queryName(q), err)
	}
	w.query, w.exhausted = q, walk.Exhausted
	for i, e := range w.survey.efforts {
		w.visited[i][q] = int32(walk.Visited(e))
	}
	w.rank(walk)
	for i, k := range w.K {
		w.steps[i][q] = w.grow(w.growths[i], k)
	}
	clear(w.hits)
	for i, e := range w.survey.efforts {
		w.countHits(e, w.hits[i*w.depth:(i+1)*w.depth])
	}
	w.countLabels()
	return nil
}

// rank sets the visited nodes.
func (w *walker) rank(walk *hnsw.Walk) {
	w.ids, w.efforts = walk.Ranked(w.ids[:0], w.efforts[:0])
	if i := slices.Index(w.ids, w.self[w.query]); i >= 0 {
		w.ids, w.efforts = slices.Delete(w.ids, i, i+1), slices.Delete(w.efforts, i, i+1)
	}
	w.distances, w.order = w.distances[:0], w.order[:0]
	for i, effort := range w.efforts {
		w.distances = append(w.distances, unknown)
		w.order = append(w.order, uint64(effort)<<32|uint64(i))
	}
	slices.Sort(w.order)
	clear(w.place)
	for i, node := range w.truth[w.query] {
		w.place[node] = int32(i)
	}
}

var unknown = float32(math.Inf(1)) // no distance

// distanceAt returns the distance of a visited node, by the base.
func (w *walker) distanceAt(rank int) float32 {
	if w.distances[rank] == unknown {
		w.distances[rank] = w.distance(w.query, w.ids[rank])
	}
	return w.distances[rank]
}

// grow returns the steps of the answer to a question for k neighbours.
func (w *walker) grow(g *growth, k int) []step {
	g.reset()
	limit := w.limit[w.query][k-1]
	for _, key := range w.order {
		rank := int32(uint32(key))
		if g.full(rank) {
			continue
		}
		place, found := w.place[w.ids[rank]]
		same := found && int(place) < k
		g.add(int32(key>>32), node{rank: rank, same: same, near: same || w.distanceAt(int(rank)) <= limit})
	}
	return g.finish()
}

// countHits sets hits[k−1], for k = 1 … depth, to the number of the k nearest nodes of a search that are not farther than the k-th
// exact neighbour.
func (w *walker) countHits(efSearch int, hits []int64) {
	limit := w.limit[w.query]
	k, near := 0, int64(0)
	var far []float32 // distances of nodes that are farther than the limit of k, ascending
	for rank := range w.ids {
		if k == w.depth {
			break
		}
		if int(w.efforts[rank]) > efSearch {
			continue
		}
		d := w.distanceAt(rank)
		i, _ := slices.BinarySearch(far, d)
		far = slices.Insert(far, i, d)
		for len(far) > 0 && far[0] <= limit[k] {
			far = far[1:]
			near++
		}
		hits[k] = near
		k++
	}
	for ; k < w.depth; k++ { // no further answers
		for len(far) > 0 && far[0] <= limit[k] {
			far = far[1:]
			near++
		}
		hits[k] = near
	}
}

// addHits adds the hits of a query to those of all.
func (w *walker) addHits() {
	for i, all := range w.survey.hits {
		for j, n := range w.hits[i*w.depth : (i+1)*w.depth] {
			all[j] += n
		}
	}
}
