package stop

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/walk"
)

// shuffled ranks units by a number that depends on the unit and the query, and gives them masses that descend and distances that ascend.
type shuffled struct{ units int }

func (o shuffled) all(query []float32) (units []int32) {
	for u := range o.units {
		units = append(units, int32(u))
	}
	rng := rand.New(rand.NewPCG(uint64(query[0]), uint64(query[1])))
	rng.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
	return units
}

func (o shuffled) Rank(query []float32, limit int, r *order.Ranking) {
	r.Units = append(r.Units[:0], o.all(query)[:limit]...)
	r.Mass, r.Squared = r.Mass[:0], r.Squared[:0]
	for i := range limit {
		r.Mass, r.Squared = append(r.Mass, o.mass(i)), append(r.Squared, o.squared(i))
	}
}

func (o shuffled) mass(i int) float32 { return float32(.05 * math.Pow(.95, float64(i))) }

// squared is equal for three units each.
func (o shuffled) squared(i int) float32 { return 9 * float32(math.Pow(1+.001*float64(i/3), 2)) }

func (o shuffled) Remaining(best float32, n int, _ *order.Ranking) float64 {
	return float64(best) / float64(best+50) / float64(1+n)
}

func (o shuffled) MemoryBytes() int64 { return 0 }

// state is the state of a search as the test computes it.
type state struct {
	units, reads, vectors, pages, unchanged int
	all                                     int // units of the layout
	mass                                    float64
	nearest                                 []near
}

type near struct {
	squared float64
	id      int32
}

// kNearest returns the k nearest of some base vectors, ties by ID.
func kNearest(base ann.Coordinates, query []float32, ids []int32, k int) (all []near) {
	for _, id := range ids {
		all = append(all, near{float64(base.SquaredL2(query, int(id))), id})
	}
	slices.SortFunc(all, func(a, b near) int {
		if a.squared != b.squared {
			return int(a.squared - b.squared) // whole numbers
		}
		return int(a.id - b.id)
	})
	all = slices.Compact(all)
	return all[:min(k, len(all))]
}

// states returns the state of the search for a query after every batch, computed from all vectors read so far.
func states(s Setting, l layout.Layout, query []float32) (all []state) {
	o := s.Order.(shuffled)
	units := o.all(query)
	now := state{all: len(units)}
	var ids []int32
	for now.units < len(units) {
		batch := min(max(1, now.units/16), len(units)-now.units)
		for i := now.units; i < now.units+batch; i++ {
			ids = append(ids, l.Unit(int(units[i]))...)
			now.vectors += l.Size(int(units[i]))
			now.pages += pages(l.Size(int(units[i])))
			now.mass += float64(o.mass(i))
		}
		now.units += batch
		now.reads++
		after := kNearest(s.Base, query, ids, s.K)
		now.unchanged += batch
		if !slices.Equal(after, now.nearest) {
			now.unchanged = 0
		}
		now.nearest = after
		all = append(all, now)
	}
	return all
}

func pages(vectors int) int { return max(1, (vectors+2)/3) }

// confidence returns the confidence of a rule as its comment defines it.
func confidence(rule string, s state, k int) float64 {
	switch rule {
	case "fixed":
		return float64(s.units)
	case "mass":
		return s.mass
	case "settled":
		return float64(s.unchanged)
	case "ratio":
		if s.units == s.all {
			return math.Inf(1)
		}
		return math.Sqrt(float64(shuffled{}.squared(s.units)/shuffled{}.squared(0))) - 1
	}
	if len(s.nearest) < k {
		return 0
	}
	return 1 - shuffled{}.Remaining(float32(s.nearest[k-1].squared), s.units, nil)
}

// effort computes an effort by one search for every query that ends at the threshold.
func effort(s Setting, rule Rule, searches [][]state, threshold float64) Effort {
	e := Effort{Threshold: threshold}
	n := float64(s.Queries.N)
	row := make([]float32, s.Base.D)
	for q, states := range searches {
		at := slices.IndexFunc(states, func(x state) bool { return len(x.nearest) == s.K && confidence(rule.Key, x, s.K) >= threshold })
		if at < 0 {
			at = len(states) - 1
		}
		end := states[at]
		query := s.Queries.Row(q, row)
		farthest := s.Base.SquaredL2(query, int(s.Truth[q][s.K-1].ID))
		for _, x := range end.nearest {
			if x.squared <= float64(farthest) {
				e.Recall += 1 / n / float64(s.K)
			}
		}
		e.Units += float64(end.units) / n
		e.Reads += float64(end.reads) / n
		e.Vectors += float64(end.vectors) / n
		e.Pages += float64(end.pages) / n
	}
	return e
}

// grid returns n vectors of 3 numbers 0 … 5, many of them equal.
func grid(n int, seed uint64) ann.Coordinates {
	rng := rand.New(rand.NewPCG(seed, 0))
	c := ann.Coordinates{N: n, D: 3, Bytes: make([]uint8, 3*n)}
	for i := range c.Bytes {
		c.Bytes[i] = uint8(rng.IntN(6))
	}
	return c
}

// withCopies returns a layout of n vectors, each in one to three units, with empty units.
func withCopies(n, units int) layout.Layout {
	rng := rand.New(rand.NewPCG(3, 3))
	lists := make([][]int32, units)
	for id := range n {
		for _, u := range rng.Perm(units - 5)[:1+rng.IntN(3)] {
			lists[u] = append(lists[u], int32(id))
		}
	}
	return layout.New(lists)
}

// setting returns searches of 70 queries, more than one block, for k of 600 vectors in 330 units, more than are ranked first.
func setting(t *testing.T, k int) (Setting, layout.Layout) {
	base, queries := grid(600, 1), grid(70, 2)
	truth, err := exact.New(base.Vectors()).SearchBatch(context.Background(), queries.Vectors(), k)
	if err != nil {
		t.Fatal(err)
	}
	l := withCopies(base.N, 330)
	return Setting{
		Order: shuffled{l.Units()}, Reader: walk.Memory{Base: base, Layout: l, Pages: pages}, K: k,
		Queries: queries, Base: base, Truth: truth,
	}, l
}

// The effort at every threshold is that of searches that end there, for every rule and k.
func TestSweep(t *testing.T) {
	for _, k := range []int{1, 2, 10, 100, 600} {
		var searches [][]state
		for _, rule := range Rules {
			s, l := setting(t, k)
			row := make([]float32, s.Base.D)
			for q := len(searches); q < s.Queries.N; q++ {
				searches = append(searches, states(s, l, s.Queries.Row(q, row)))
			}
			all, err := Sweep(context.Background(), s, []Rule{rule})
			if err != nil {
				t.Fatal(err)
			}
			efforts := all[0]
			if k == 600 && rule.Key == "fixed" && efforts[len(efforts)-1].Vectors != float64(len(l.IDs)) {
				t.Errorf("all units have %v vectors, not %d", efforts[len(efforts)-1].Vectors, len(l.IDs))
			}
			for i, got := range efforts {
				if want := effort(s, rule, searches, got.Threshold); !near6(got, want) {
					t.Fatalf("%s, k = %d, threshold %d of %d: %+v, want %+v", rule.Key, k, i, len(efforts), got, want)
				}
				if i == 0 {
					continue
				}
				if p := efforts[i-1]; got.Threshold <= p.Threshold || got.Recall < p.Recall || got.Vectors < p.Vectors {
					t.Fatalf("%s, k = %d: %+v after %+v", rule.Key, k, got, p)
				}
			}
		}
	}
}

// near6 reports whether efforts differ by rounding only.
func near6(a, b Effort) bool {
	near := func(x, y float64) bool { return math.Abs(x-y) <= 1e-9*(1+math.Abs(y)) }
	return near(a.Recall, b.Recall) && near(a.Units, b.Units) && near(a.Reads, b.Reads) &&
		near(a.Vectors, b.Vectors) && near(a.Pages, b.Pages)
}

// All rules in one search give what each gives alone. Of many queries the thresholds that are left out are those beyond the last
// neighbours of the first ones.
func TestSweepOfAllRules(t *testing.T) {
	s, _ := setting(t, 4)
	many := s
	many.Queries = grid(4*sampled, 8)
	var err error
	many.Truth, err = exact.New(s.Base.Vectors()).SearchBatch(context.Background(), many.Queries.Vectors(), s.K)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Setting{s, many} {
		together, err := Sweep(context.Background(), s, Rules)
		if err != nil {
			t.Fatal(err)
		}
		for i, rule := range Rules {
			alone, err := sweep(context.Background(), s, []Rule{rule}, [][]float64{rule.thresholds(s.Reader.Units())})
			if err != nil {
				t.Fatal(err)
			}
			kept := len(together[i])
			if !slices.Equal(together[i], alone[0][:kept]) {
				t.Errorf("%s: %d queries: other efforts alone", rule.Key, s.Queries.N)
			}
			if kept < len(alone[0]) && (s.Queries.N < 4*sampled || together[i][kept-1].Recall < .999) {
				t.Errorf("%s: %d queries: %d of %d thresholds, recall %v", rule.Key, s.Queries.N, kept, len(alone[0]), together[i][kept-1].Recall)
			}
		}
	}
}

// The result does not depend on the number of workers.
func TestSweepOnOneAndTwoCores(t *testing.T) {
	var results []string
	for _, cores := range []int{1, 2} {
		before := runtime.GOMAXPROCS(cores)
		s, _ := setting(t, 3)
		efforts, err := Sweep(context.Background(), s, []Rule{Settled})
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(efforts)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, string(data))
	}
	if results[0] != results[1] {
		t.Error("the efforts differ")
	}
}
