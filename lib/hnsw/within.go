package hnsw

import (
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
)

// Radius is the largest of the values from the query to the given nodes, as walks of this walker compute them. Of the k exact neighbours
// it is how far the k-th is.
func (w *Walker) Radius(query ann.Query, ids []int32) (float32, error) {
	from, _, err := w.source(query)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	w.measure.ids = append(w.measure.ids[:0], ids...)
	var last uint64
	for _, key := range w.measure.measure(from) {
		last = max(last, key)
	}
	return rank.Value(last), nil
}

// EffortsWithin sets out to the efforts of the first len(out) nodes, in the order of visiting, that are at most radius away, the query
// left out, and to Unseen behind the last: out[j−1] is the smallest efSearch whose answer holds j neighbours as near as that.
func (w *Walk) EffortsWithin(radius float32, out []int32) {
	n := 0
	for i := 0; i < len(w.keys) && n < len(out); i++ {
		if id, value := w.At(i); value <= radius && id != w.self {
			out[n] = w.efforts[i]
			n++
		}
	}
	for ; n < len(out); n++ {
		out[n] = Unseen
	}
}

// CountWithin is how many of the given nodes, the query left out, are at most radius away; it stops at enough.
func (w *Walker) CountWithin(query ann.Query, ids []int32, radius float32, enough int) (count int, err error) {
	from, self, err := w.source(query)
	if err != nil {
		return 0, err
	}
	for chunk := range slices.Chunk(ids, 256) {
		w.measure.ids = append(w.measure.ids[:0], chunk...)
		for _, key := range w.measure.measure(from) {
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
