package exact

import (
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/rank"
)

// collector keeps the candidates of one query of a Stream during one call of Add.
type collector struct {
	keys        []uint64 // product and row of the block, always fewer than the capacity
	kth         float64  // k-th smallest value so far, true or computed
	norm        float64  // ‖query‖², prepared
	share, more float64  // a product of one of the k nearest exceeds the k-th smallest value v by at most share·|v| + more
}

// begin prepares the collector of query i for the frame of this call.
func (a *addition) begin(i int) {
	c := &a.collectors[i]
	if c.keys == nil {
		c.keys = make([]uint64, 0, roomFor(a.k))
	}
	c.kth, c.norm = math.Inf(1), a.frame.norm(&a.queries, i)
	a.tighten(i)
}

// reach prepares for rows of the base whose largest squared norm is known, or −∞ for the inner product.
func (a *addition) reach(norm float32) {
	if far := (1 + 1e-6) * math.Sqrt(max(0, float64(norm))); far > a.farthest {
		a.farthest = far
		parallel.For(a.queries.N, func(i int) {
			c := &a.collectors[i]
			c.share, c.more = a.frame.error(c.norm, far)
			a.limits[i] = c.beyond(c.kth)
		})
	}
}

// error returns how far the product of one of the k nearest of a query with squared norm ‖a‖² may exceed the k-th smallest value v, true
// or computed: share·|v| + more. farthest is the length of the longest row of the base, prepared. The result is 0 if products are exact
// and infinite if nothing is known.
func (f *frame) error(norm, farthest float64) (share, more float64) {
	d := len(f.centre)
	of, words := f.productErrors(d)
	switch inexact := of + words; {
	case f.exact:
		return 0, 0
	case inexact > mostInexact:
		return 0, math.Inf(1)
	default:
		share, more = f.shares(inexact, norm)
	}
	if f.metric != ann.InnerProduct { // twice the error of a value
		if least := 2 * (2*words*math.Sqrt(norm)*farthest + of*(norm+farthest*farthest)); least < more {
			share, more = 0, least
		}
	}
	more += float64(d) * vanished * max(1, f.reach)
	if f.words {
		more += vanishedWords * max(1, f.reach)
	}
	return share, more
}

// vanished bounds twice the error of a coordinate or a product that underflows, as a share of the longest vector.
const vanished = 4 * leastNormal

// tighten sets the limit of query i from the k-th of the settled points.
func (a *addition) tighten(i int) {
	c, list := &a.collectors[i], a.lists[i]
	if len(list) == a.k {
		c.kth = list[a.k-1].value * a.frame.scale * a.frame.scale
	}
	a.limits[i] = c.beyond(c.kth)
}

// beyond returns the limit of products if the k-th smallest value is v. It is rounded up.
func (c *collector) beyond(v float64) float32 {
	if c.share == 0 && c.more == 0 || math.IsInf(v, 1) {
		return float32(v) // exact, or none
	}
	return math.Nextafter32(float32(v+c.share*math.Abs(v)+c.more), float32(math.Inf(1)))
}

// keep makes row id of the base, with a product that is at most the limit, a candidate of query i.
func (a *addition) keep(i int, product float32, id int32) {
	if a.self != nil && a.first+id == a.self[i] {
		return
	}
	c := &a.collectors[i]
	if c.keys = append(c.keys, rank.Key(product, id)); len(c.keys) == cap(c.keys) {
		a.cut(i)
	}
}

// cut drops the candidates that cannot be among the k nearest. If few can be dropped, it settles all of them.
func (a *addition) cut(i int) {
	a.drop(i)
	if c := &a.collectors[i]; 4*len(c.keys) > 3*cap(c.keys) {
		a.settle(i)
	}
}

// drop drops the candidates that cannot be among the k nearest, of more than k.
func (a *addition) drop(i int) {
	c := &a.collectors[i]
	rank.Smallest(c.keys, a.k)
	kth := float64(rank.Value(slices.Max(c.keys[:a.k])))
	limit, kept := c.beyond(kth), c.keys[:a.k]
	if !a.frame.exact {
		for _, key := range c.keys[a.k:] {
			if rank.Value(key) <= limit {
				kept = append(kept, key)
			}
		}
	}
	c.keys, c.kth = kept, min(c.kth, kth)
	a.limits[i] = c.beyond(c.kth)
}

// wrongProduct is a product that is farther from the value of a query and a row of the base than the error bound of the frame.
type wrongProduct struct {
	query, id      int32
	product, value float64
}

func (w wrongProduct) Error() string {
	return fmt.Sprintf("exact: the product of query row %d and base row %d gives %g for %g: the products have fewer digits than float32",
		w.query, w.id, w.product, w.value)
}

// settle moves the candidates of query i to its list, with their values in double precision.
func (a *addition) settle(i int) {
	c, list := &a.collectors[i], a.lists[i]
	if len(c.keys) == 0 {
		return
	}
	if len(c.keys) > a.k {
		a.drop(i)
	}
	found := make([]ranked, 0, len(c.keys))
	for _, key := range c.keys {
		row, product, square := rank.ID(key), rank.Value(key), a.frame.scale*a.frame.scale
		r := ranked{float64(product) / square, a.first + row}
		if !a.frame.exact {
			r.value = a.base.value(&a.queries, i, int(row))
			if r.value*square > float64(c.beyond(float64(product))) {
				a.wrong.Store(&wrongProduct{a.row + int32(i), r.id, float64(product) / square, r.value})
			}
		}
		if len(list) < a.k || r.compare(list[a.k-1]) < 0 {
			found = append(found, r)
		}
	}
	c.keys = c.keys[:0]
	slices.SortFunc(found, ranked.compare)
	a.lists[i] = merge(list, found, a.k, ranked.compare)
	a.tighten(i)
}

// merge returns the k smallest of two lists of at most k that are ascending by a comparison, ascending.
func merge[T any](a, b []T, k int, compare func(T, T) int) []T {
	if len(b) == 0 {
		return a
	}
	merged := make([]T, 0, min(k, len(a)+len(b)))
	for len(merged) < cap(merged) {
		if len(b) == 0 || len(a) > 0 && compare(b[0], a[0]) > 0 {
			merged, a = append(merged, a[0]), a[1:]
		} else {
			merged, b = append(merged, b[0]), b[1:]
		}
	}
	return merged
}
