package exact

import (
	"slices"

	"anncapacity/lib/ann"
)

// Ranked is a neighbour with the value that orders it, before rounding: the squared distance, the negative inner product or, under the
// cosine, the squared distance of the unit vectors.
type Ranked struct {
	ID    int32
	Value float64
}

// Partial returns the neighbours of each query among the blocks added so far, as Neighbors does, before their distances are rounded.
// MergePartial combines those of several streams that hold different parts of a base.
func (s *Stream) Partial() [][]Ranked {
	s.release()
	lists := make([][]Ranked, len(s.lists))
	for i, list := range s.lists {
		lists[i] = make([]Ranked, len(list))
		for j, r := range list {
			lists[i][j] = Ranked{r.id, r.value}
		}
	}
	return lists
}

// MergePartial returns the k nearest of one query, given its lists from streams that hold the parts of a base: the list that one stream
// of the whole base returns. It is an error if float32 cannot represent a distance.
func MergePartial(query int32, k int, metric ann.Metric, parts ...[]Ranked) (ann.Neighbors, error) {
	var all []ranked
	for _, part := range parts {
		for _, r := range part {
			all = append(all, ranked{r.Value, r.ID})
		}
	}
	slices.SortFunc(all, ranked.compare)
	f := finder{frame: &frame{metric: metric, scale: 1}}
	return f.neighbors(query, all[:min(k, len(all))])
}
