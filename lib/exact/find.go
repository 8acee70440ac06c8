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

// finder makes the k nearest of what was kept of the products.
type finder struct {
	*frame
	base, queries *points
	next          []int32 // groups.next, where equal rows of the base were left out of the products
	k             int
	self          func(query int32) int32 // the indexed point that a query must leave out; −1 is none
}

// ranked is a neighbour and the value that orders it, in double precision.
type ranked struct {
	value float64
	id    int32
}

func (a ranked) compare(b ranked) int {
	return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.id, b.id))
}

// skip is the point that must not be offered to a query: itself, unless it stands for others that are equal to it.
func (f *finder) skip(query int32) int32 {
	if f.next != nil {
		return -1
	}
	return f.self(query)
}

// wanted is how many of the n points that are offered must be kept.
func (f *finder) wanted(n int) int {
	if f.next == nil {
		return f.k
	}
	return min(f.k+1, n)
}

// prepare empties found[i] for the query ids[i].
func (f *finder) prepare(found []*nearest, ids []int32) {
	parallel.For(len(ids), func(i int) {
		found[i].reset()
		found[i].demand(f.margin(f.queries, int(ids[i])))
	})
}

// lists sets lists[ids[i]] to the neighbours of the query ids[i], of which found[i] was kept.
func (f *finder) lists(ids []int32, found []*nearest, lists []ann.Neighbors) error {
	return each(len(ids), func(i int) (err error) {
		lists[ids[i]], err = f.neighbors(ids[i], f.ranked(found[i], ids[i]))
		return err
	})
}

// groupLists is lists for every row of each group, of which found[i] was kept.
func (f *finder) groupLists(g groups, found []*nearest, lists []ann.Neighbors) error {
	return each(len(found), func(i int) (err error) {
		for id := g.first[i]; id >= 0 && err == nil; id = after(g.next, id) {
			lists[id], err = f.neighbors(id, f.ranked(found[i], id))
		}
		return err
	})
}

// each calls do(0) … do(n−1) on every core, and returns the first error by number.
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

// after is the next row that equals row id, or −1.
func after(next []int32, id int32) int32 {
	if next == nil {
		return -1
	}
	return next[id]
}

// ranked is the k nearest, valid until the next call with s. Where what was kept does not decide them, all points are measured.
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

// expand adds to each row those that equal it, and leaves out self.
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

// unresolved says whether float32's least exponent may have spoilt the order: whether a value is so small and not zero in truth.
func (f *finder) unresolved(s *nearest, query int32) bool {
	for _, key := range s.keys {
		value := rank.Value(key)
		if value >= tiny || value <= -tiny {
			continue
		}
		if f.metric == ann.InnerProduct && f.underflows() || f.metric != ann.InnerProduct && !f.base.same(f.queries, int(query), int(rank.ID(key))) {
			return true
		}
	}
	return false
}

// scan is the k nearest of a query by their values in double precision, all points measured.
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

// neighbors gives the metric's distances. It is an error if float32 cannot hold one.
func (f *finder) neighbors(query int32, list []ranked) (ann.Neighbors, error) {
	out := make(ann.Neighbors, len(list))
	for i, r := range list {
		distance := f.distance(r.value)
		out[i] = ann.Neighbor{ID: r.id, Distance: float32(distance)}
		if !f.fits(distance) {
			return nil, fmt.Errorf("exact: row %d is at %v distance %.3g from query row %d, which float32 cannot hold%s",
				r.id, f.metric, distance, query, f.remedy(distance))
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

// leastNormal is the smallest float32 with all its digits.
const leastNormal = 0x1p-126

// fits says whether float32 can hold a distance. L2 distances between vectors that are themselves so short have fewer digits, and
// a cosine distance that is so small, of 2 at most, is as good as 0.
func (f *finder) fits(distance float64) bool {
	size := math.Abs(distance)
	return size <= math.MaxFloat32 && (size >= leastNormal || size == 0 || f.metric != ann.InnerProduct)
}

// remedy is the power of two that makes a distance about 1. No factor changes a cosine, or what is not finite.
func (f *finder) remedy(distance float64) string {
	if f.metric == ann.Cosine || distance-distance != 0 {
		return ""
	}
	_, exponent := math.Frexp(distance)
	if f.metric == ann.InnerProduct {
		exponent /= 2
	}
	return fmt.Sprintf(": multiply the vectors by 2^%d", -exponent)
}
