package exact

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/rank"
)

// finder turns the candidates kept from the products into lists of the k nearest neighbours.
type finder struct {
	*frame
	base, queries *points
	next          []int32 // groups.next, if equal rows of the base were left out of the products; nil otherwise
	k             int
	self          func(query int32) int32 // the indexed point excluded from the result of a query; −1 means none
}

// ranked is a neighbour with the value that orders it, in double precision.
type ranked struct {
	value float64
	id    int32
}

func (a ranked) compare(b ranked) int {
	return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.id, b.id))
}

// skip returns the point that must not be a candidate of a query, or −1. A point that represents a group of equal points
// is not skipped.
func (f *finder) skip(query int32) int32 {
	if f.next != nil {
		return -1
	}
	return f.self(query)
}

// candidateCount returns the number of candidates to keep of n points.
func (f *finder) candidateCount(n int) int {
	if f.next == nil {
		return f.k
	}
	return min(f.k+1, n)
}

// prepare empties found[i] and sets its margin for the query ids[i].
func (f *finder) prepare(found []*nearest, ids []int32) {
	parallel.For(len(ids), func(i int) {
		found[i].reset()
		found[i].setMargin(f.margin(f.queries, int(ids[i])))
	})
}

// groupLists sets the lists of all rows of each group i, whose candidates are found[i].
func (f *finder) groupLists(g groups, found []*nearest, lists []ann.Neighbors) error {
	return each(len(found), func(i int) (err error) {
		for id := g.first[i]; id >= 0 && err == nil; id = nextEqual(g.next, id) {
			lists[id], err = f.neighbors(id, f.ranked(found[i], id))
		}
		return err
	})
}

// each calls do(0) … do(n−1) on all cores and returns the error of the lowest index.
func each(n int, do func(i int) error) error {
	errs := make([]error, n)
	parallel.For(n, func(i int) { errs[i] = do(i) })
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// nextEqual returns the next row that equals row id, or −1.
func nextEqual(next []int32, id int32) int32 {
	if next == nil {
		return -1
	}
	return next[id]
}

// ranked returns the k nearest neighbours; the slice is valid until the next call with s. If the candidates in s do not
// determine them, it scans all points.
func (f *finder) ranked(s *nearest, query int32) []ranked {
	s.cut()
	if s.full || len(s.keys) < s.k || f.unresolved(s, query) {
		return f.scan(query)
	}
	slices.Sort(s.keys)
	list := s.list[:0]
	for _, key := range s.keys {
		list = append(list, ranked{float64(rank.Value(key)) / (f.scale * f.scale), rank.ID(key)})
	}
	s.list = list
	if f.inexact > 0 {
		for i := range list {
			list[i].value = f.base.value(f.queries, int(query), int(list[i].id))
		}
		slices.SortFunc(list, ranked.compare)
	}
	if f.next != nil {
		list = f.expand(list, f.self(query))
	}
	return list[:f.k]
}

// expand adds to each row the rows equal to it, and removes self.
func (f *finder) expand(firsts []ranked, self int32) []ranked {
	var list []ranked
	for _, r := range firsts {
		if len(list) >= f.k && r.value > list[len(list)-1].value {
			break
		}
		for count := 0; r.id >= 0 && count < f.k; r.id = f.next[r.id] {
			if r.id != self {
				list = append(list, r)
				count++
			}
		}
	}
	slices.SortFunc(list, ranked.compare)
	return list
}

// unresolved reports whether float32 underflow may have changed the order: whether a candidate has a value near 0 whose
// true value is not 0.
func (f *finder) unresolved(s *nearest, query int32) bool {
	for _, key := range s.keys {
		value := rank.Value(key)
		if value >= tiny || value <= -tiny {
			continue
		}
		if f.metric == ann.InnerProduct && f.underflows() || f.metric != ann.InnerProduct && !f.base.equal(f.queries, int(query), int(rank.ID(key))) {
			return true
		}
	}
	return false
}

// scan returns the k nearest neighbours of a query by the values of all points in double precision.
func (f *finder) scan(query int32) []ranked {
	values := make([]float64, f.base.N)
	parallel.For(f.base.N, func(j int) { values[j] = f.base.value(f.queries, int(query), j) })
	limit, self := math.Inf(1), f.self(query)
	list := make([]ranked, 0, 2*f.k+16)
	for j, value := range values {
		if value > limit || int32(j) == self {
			continue
		}
		if list = append(list, ranked{value, int32(j)}); len(list) == cap(list) {
			slices.SortFunc(list, ranked.compare)
			list = list[:f.k]
			limit = list[f.k-1].value
		}
	}
	slices.SortFunc(list, ranked.compare)
	return list[:f.k]
}

// neighbors returns list with the distances of the metric. It is an error if float32 cannot represent a distance.
func (f *finder) neighbors(query int32, list []ranked) (ann.Neighbors, error) {
	out := make(ann.Neighbors, len(list))
	for i, r := range list {
		distance := f.distance(r.value)
		out[i] = ann.Neighbor{ID: r.id, Distance: float32(distance)}
		if !f.representable(distance) {
			return nil, fmt.Errorf("exact: row %d is at %v distance %.3g from query row %d, which float32 cannot hold%s",
				r.id, f.metric, distance, query, f.scaleHint(distance))
		}
	}
	return out, nil
}

func (f *finder) distance(value float64) float64 {
	switch f.metric {
	case ann.Cosine:
		return value / 2
	case ann.InnerProduct:
		return value
	}
	return math.Sqrt(value)
}

// leastNormal is the smallest normal float32.
const leastNormal = 0x1p-126

// representable reports whether float32 can represent a distance. L2 and cosine distances near 0 may lose digits: the
// vectors of such L2 distances have few digits themselves, and such cosine distances are negligible in a range of 0 to
// 2.
func (f *finder) representable(distance float64) bool {
	size := math.Abs(distance)
	return size <= math.MaxFloat32 && (size >= leastNormal || size == 0 || f.metric != ann.InnerProduct)
}

// scaleHint returns advice to multiply the vectors by the power of two that makes a distance about 1. It is empty for
// the cosine, which no factor changes, and for a distance that is not finite.
func (f *finder) scaleHint(distance float64) string {
	if f.metric == ann.Cosine || distance-distance != 0 {
		return ""
	}
	_, exponent := math.Frexp(distance)
	if f.metric == ann.InnerProduct {
		exponent /= 2
	}
	return fmt.Sprintf(": multiply the vectors by 2^%d", -exponent)
}
