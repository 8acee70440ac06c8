package engine

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
)

// A Searcher implements ann.Searcher with an Index. If the query is an indexed point, it requests one more neighbour and
// removes that point from the answer. It removes padding and repeated IDs and computes every distance itself.
type Searcher struct {
	Index
	Name   string // name of the engine, for errors
	Base   ann.Vectors
	Metric ann.Metric
}

// Search implements ann.Searcher.
func (s Searcher) Search(query ann.Query, k int) (ann.Neighbors, error) {
	if err := ann.CheckQuery(query, k, s.Base.N, s.Base.D); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	answer, err := s.Ask(context.Background(), query.Vector, Asked(query, k))
	if err != nil {
		return nil, err
	}
	return s.Neighbors(query, k, answer)
}

// Asked returns the number of neighbours to request from an engine: k, or k + 1 if the query is an indexed point, because
// the answer may contain that point.
func Asked(query ann.Query, k int) int {
	if _, ok := query.Self(); ok {
		return k + 1
	}
	return k
}

// Neighbors returns an answer as ann.Neighbors: sorted, without padding, repeated IDs and the query, at most k. An ID that
// is not a row of the base is an error.
func (s Searcher) Neighbors(query ann.Query, k int, a Answer) (ann.Neighbors, error) {
	seen := make(map[int32]bool, len(a.IDs))
	if self, ok := query.Self(); ok {
		seen[self] = true
	}
	list := make(ann.Neighbors, 0, k)
	for _, id := range a.IDs {
		if id == Padding || seen[id] {
			continue
		}
		if id < 0 || int(id) >= s.Base.N {
			return nil, fmt.Errorf("%s: returned ID %d, but there are %d points", s.Name, id, s.Base.N)
		}
		seen[id] = true
		list = append(list, ann.Neighbor{ID: id, Distance: s.Metric.Distance(query.Vector, s.Base.Row(int(id)))})
	}
	list.Sort()
	return list[:min(k, len(list))], nil
}

// Padding is the ID in an empty slot of an answer.
const Padding = -1
