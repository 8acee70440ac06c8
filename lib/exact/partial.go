package exact

import "anncapacity/lib/ann"

// Ranked is a neighbour with the value that orders it, before rounding: the squared distance, the negative inner product or, under the
// cosine, the squared distance of the unit vectors.
type Ranked struct {
	ID    int32
	Value float64
}

// Partial returns the neighbours of each query among the blocks added so far, as Neighbors does, before their distances are rounded.
// MergePartial combines those of several streams that hold different parts of a base.
func (s *Stream) Partial() [][]Ranked {
	s.device.release()
	lists := make([][]Ranked, len(s.lists))
	for i, list := range s.lists {
		lists[i] = make([]Ranked, len(list))
		for j, r := range list {
			lists[i][j] = Ranked{r.id, r.value}
		}
	}
	return lists
}

func (a Ranked) compare(b Ranked) int { return ranked{a.Value, a.ID}.compare(ranked{b.Value, b.ID}) }

// MergePartial returns the k nearest of two lists of one query, both in ascending order, from streams that hold different parts of a base.
// The result may be one of the lists; neither is changed.
func MergePartial(a, b []Ranked, k int) []Ranked { return merge(a, b, k, Ranked.compare) }

// RoundPartial returns a list of Partial or MergePartial as Neighbors does, with distances rounded to float32. It is an error if float32
// cannot represent a distance; query is the number that it names.
func RoundPartial(query int32, metric ann.Metric, list []Ranked) (ann.Neighbors, error) {
	all := make([]ranked, len(list))
	for i, r := range list {
		all[i] = ranked{r.Value, r.ID}
	}
	f := finder{frame: &frame{metric: metric, scale: 1}}
	return f.neighbors(query, all)
}
