package order

import (
	"math"
	"testing"

	"anncapacity/lib/internal/rank"
)

// remaining is Remaining without what is kept from one call to the next. The order of the additions is the same.
func (f *fixture) remaining(best float32, n int, r *Ranking) float64 {
	o, s := f.order, r.Scratch.(*sketchScratch)
	nearer := func(i int32) float64 {
		sum := float32(0)
		for _, e := range s.estimates[s.starts[i]:s.starts[i+1]] {
			sum += o.members.of(e - best)
		}
		return float64(sum)
	}
	others := float32(0)
	for _, key := range s.keys[s.scanned:o.scan] {
		others += o.units.of(rank.Value(key) - best)
	}
	expected := float64(others)
	for _, key := range s.waiting {
		expected += nearer(rank.ID(key))
	}
	for i := len(s.ranked) - 1; i >= n; i-- {
		if at := s.ranked[i]; int(at) < s.scanned {
			expected += nearer(at)
		}
	}
	if all := o.sketch.Units() - o.scan; all > 0 {
		expected += float64(o.units.missed) * (1 - float64(max(0, n-o.scan))/float64(all))
	}
	return -math.Expm1(-expected)
}

// Remaining does not depend on the calls before it: of a search in which more units are ranked and nearer vectors are found, for one
// query after another.
func TestRemainingDoesNotDependOnEarlierCalls(t *testing.T) {
	f := newFixture(t)
	queries := vectors(30, 11)
	var r Ranking
	positive := 0
	for q := range queries.N {
		best := float32(40)
		for limit := 1; limit <= 100; limit += 1 + limit/4 {
			f.order.Rank(queries.Row(q, nil), limit, &r)
			for n := limit / 2; n <= limit; n++ {
				got, want := f.order.Remaining(best, n, &r), f.remaining(best, n, &r)
				if got != want {
					t.Fatalf("query %d, %d of %d units, %v: %v, want %v", q, n, limit, best, got, want)
				}
				if want > 0 {
					positive++
				}
			}
			if limit%3 == 0 {
				best *= .6
			}
		}
	}
	if positive == 0 {
		t.Error("nothing remains after any call")
	}
}
