package engine

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
)

// Searcher makes an ann.Searcher of an Index: it asks for one answer more when the query is an indexed point, leaves
// that point, padding and repetitions out, and computes every distance itself.
type Searcher struct {
	Index
	Name   string // of the engine, for errors
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

// Asked is how many answers an engine is asked for: k, and one more for an indexed point, which finds itself.
func Asked(query ann.Query, k int) int {
	if _, ok := query.Self(); ok {
		return k + 1
	}
	return k
}

// Neighbors reads an answer by the contract of ann.Neighbors. An ID that is no row of the base is an error.
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
			return nil, fmt.Errorf("%s: answered with ID %d of %d points", s.Name, id, s.Base.N)
		}
		seen[id] = true
		list = append(list, ann.Neighbor{ID: id, Distance: s.Metric.Distance(query.Vector, s.Base.Row(int(id)))})
	}
	list.Sort()
	return list[:min(k, len(list))], nil
}

// Padding is the ID of an empty slot.
const Padding = -1
