package hnsw

import (
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
)

// Radius returns the largest value (see Walk.At) of the given nodes relative to the query. For the k exact neighbours it is
// the value of the k-th.
func (w *Walker) Radius(query ann.Query, ids []int32) (float32, error) {
	from, _, err := sourceOf(w.space, query)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	w.gather.ids = append(w.gather.ids[:0], ids...)
	var last uint64
	for _, key := range w.gather.compute(from) {
		last = max(last, key)
	}
	return rank.Value(last), nil
}

// EffortsWithin sets out to the efforts of the first len(out) nodes, in the order of visiting, whose value is at most
// radius. The query and excluded nodes are left out. If there are fewer such nodes, the rest of out is set to Unseen. out[j−1] is the smallest
// efSearch whose search finds j neighbours within radius.
func (w *Walk) EffortsWithin(radius float32, out []int32) {
	n := 0
	for i := 0; i < len(w.keys) && n < len(out); i++ {
		if id, value := w.At(i); value <= radius && id != w.self && !w.isExcluded(id) {
			out[n] = w.efforts[i]
			n++
		}
	}
	for ; n < len(out); n++ {
		out[n] = Unseen
	}
}

// CountWithin returns the number of the given nodes, excluding the query, whose value is at most radius, or enough if there
// are more.
func (w *Walker) CountWithin(query ann.Query, ids []int32, radius float32, enough int) (count int, err error) {
	from, self, err := sourceOf(w.space, query)
	if err != nil {
		return 0, err
	}
	for chunk := range slices.Chunk(ids, 256) {
		w.gather.ids = append(w.gather.ids[:0], chunk...)
		for _, key := range w.gather.compute(from) {
			if rank.Value(key) <= radius && rank.ID(key) != self {
				count++
			}
		}
		if count >= enough {
			return enough, nil
		}
	}
	return count, nil
}
