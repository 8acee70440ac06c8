package order

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/sketch"
)

// vectors returns n vectors of 16 numbers: linear images of random vectors of 5 numbers, with noise. The mapping does not depend on
// the seed.
func vectors(n int, seed uint64) ann.Coordinates {
	const d, latent = 16, 5
	mapping := rand.New(rand.NewPCG(9, 9))
	var matrix [latent * d]float64
	for i := range matrix {
		matrix[i] = mapping.NormFloat64()
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	var x [latent]float64
	for i := range v.Data {
		if i%d == 0 {
			for k := range x {
				x[k] = rng.NormFloat64()
			}
		}
		sum := 0.2 * rng.NormFloat64()
		for k, value := range x {
			sum += matrix[k*d+i%d] * value
		}
		v.Data[i] = float32(sum)
	}
	return v.Coordinates()
}

// nearest returns the nearest vector of the base for each query.
func nearest(base, queries ann.Coordinates) []ann.Neighbor {
	all := make([]ann.Neighbor, queries.N)
	for i := range all {
		best := float32(math.MaxFloat32)
		for j := range base.N {
			if d := base.SquaredL2(queries.Row(i, nil), j); d < best {
				best = d
				all[i] = ann.Neighbor{ID: int32(j), Distance: float32(math.Sqrt(float64(d)))}
			}
		}
	}
	return all
}

// fixture is an order by a sketch, of 3,000 vectors in pages of 30, of which 40 are scanned.
type fixture struct {
	base   ann.Coordinates
	layout layout.Layout
	order  *Sketch
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	f := fixture{base: vectors(3000, 1)}
	var err error
	if f.layout, err = layout.Pages(context.Background(), f.base, layout.PagesOptions{PerPage: 30, Rounds: 2}); err != nil {
		t.Fatal(err)
	}
	s, err := sketch.New(context.Background(), f.base, f.layout, sketch.Options{BytesPerVector: 5})
	if err != nil {
		t.Fatal(err)
	}
	queries := vectors(1500, 2)
	o := SketchOptions{Layout: f.layout, Queries: queries, Nearest: nearest(f.base, queries), Scan: 40}
	f.order, err = NewSketch(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// rank returns the units.
func (f fixture) rank(query []float32, limit int) Ranking {
	var r Ranking
	f.order.Rank(query, limit, &r)
	return r
}

func TestSketchRanksEveryUnitOnce(t *testing.T) {
	f := newFixture(t)
	queries := vectors(20, 3)
	for i := range queries.N {
		all := f.rank(queries.Row(i, nil), 100)
		units := slices.Clone(all.Units)
		slices.Sort(units)
		for u, x := range units {
			if len(units) != 100 || int(x) != u {
				t.Fatalf("%d units, the %d-th is %d", len(units), u, x)
			}
		}
		for _, limit := range []int{1, 10, 39, 40, 41, 90, 200} {
			some := f.rank(queries.Row(i, nil), limit)
			n := min(limit, 100)
			if !slices.Equal(some.Units, all.Units[:n]) {
				t.Fatalf("the first %d units differ from those of a longer ranking", limit)
			}
		}
	}
}

// TestSketchFindsNearestInFewUnits counts units up to that of the nearest neighbour. The means of the units need more.
func TestSketchFindsNearestInFewUnits(t *testing.T) {
	f := newFixture(t)
	queries := vectors(400, 4)
	truth := nearest(f.base, queries)
	holders := f.layout.Holders(f.base.N)
	units, byMeans := 0, 0
	expected, nearer := 0., 0
	for i := range queries.N {
		r := f.rank(queries.Row(i, nil), 100)
		at := slices.Index(r.Units, holders.Unit(int(truth[i].ID))[0])
		units += at + 1
		expected += f.order.Remaining(truth[i].Distance*truth[i].Distance, 2, &r)
		if at >= 2 {
			nearer++
		}
		s := r.Scratch.(*sketchScratch)
		keys := slices.Clone(s.keys)
		slices.Sort(keys)
		byMeans += slices.IndexFunc(keys, func(key uint64) bool { return int32(uint32(key)) == r.Units[at] }) + 1
	}
	if 10*units > 9*byMeans {
		t.Errorf("%d units are read up to the nearest neighbours, %d in the order of the means", units, byMeans)
	}
	if math.Abs(expected-float64(nearer)) > 0.1*float64(queries.N) {
		t.Errorf("the first two units do not hold %d of 400 nearest neighbours; %.1f are expected", nearer, expected)
	}
}

func TestRemainingDescends(t *testing.T) {
	f := newFixture(t)
	query := vectors(1, 5).Row(0, nil)
	r := f.rank(query, 100)
	for _, best := range []float32{0.5, 2, 1, 30} {
		last := 1.
		for n := range 101 {
			x := f.order.Remaining(best, n, &r)
			if !(x >= 0) || x > last || f.order.Remaining(2*best, n, &r) < x {
				t.Fatalf("after %d units %v may be nearer than %v, %v after one less", n, x, best, last)
			}
			last = x
		}
		if last != 0 {
			t.Errorf("%v may be nearer than %v when all units are read", last, best)
		}
	}
}

func TestSketchDoesNotAllocate(t *testing.T) {
	f := newFixture(t)
	query := vectors(1, 6).Row(0, nil)
	r := f.rank(query, 100)
	f.order.Remaining(1, 0, &r)
	if n := testing.AllocsPerRun(20, func() { f.order.Rank(query, 100, &r); f.order.Remaining(1, 3, &r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSketchOrderBinaryForm(t *testing.T) {
	f := newFixture(t)
	data, err := f.order.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	o, err := ReadSketch(data)
	if err != nil {
		t.Fatal(err)
	}
	query := vectors(1, 7).Row(0, nil)
	var r Ranking
	o.Rank(query, 100, &r)
	if want := f.rank(query, 100); !slices.Equal(r.Units, want.Units) {
		t.Error("the order that was read ranks otherwise")
	}
	for _, cut := range []int{0, 10, 4096, len(data) - 1} {
		if _, err := ReadSketch(data[:cut]); err == nil {
			t.Errorf("no error for the first %d of %d bytes", cut, len(data))
		}
	}
	for _, at := range []int{0, 7, 15, 18, 100, 4115, 4123, 4200} { // of the header: scan; scale, missed, table twice
		damaged := bytes.Clone(data)
		damaged[at] ^= 0xff
		if _, err := ReadSketch(damaged); err == nil {
			t.Errorf("no error for another byte %d", at)
		}
	}
	old := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(old)
	if again, _ := newFixture(t).order.MarshalBinary(); !bytes.Equal(again, data) {
		t.Error("one core gives another binary form")
	}
}

// TestProbabilityIsTheShare gives every difference a known share of nearest neighbours.
func TestProbabilityIsTheShare(t *testing.T) {
	s := sample{scale: 2, queries: 1}
	for b := range s.all {
		s.all[b], s.nearest[b] = 1000, int64(max(0, 900-20*b))
	}
	s.nearest[10], s.nearest[11] = 620, 760 // not descending: both have the mean, 690, as expected
	p, err := s.probability()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.check(); err != nil {
		t.Error(err)
	}
	for _, b := range []int{0, 5, 11, 20, 40} {
		difference := ((float32(b)+0.5)/coarsest + lowest) * 2
		want := float64(900-20*b) / 1000
		if got := float64(p.of(difference)); math.Abs(got-want) > 0.015 {
			t.Errorf("probability %.3f for a difference of %.2f, want %.3f", got, difference, want)
		}
	}
	if p.of(1e9) != 0 || p.of(-1e9) != p.table[0] || p.of(float32(math.Inf(1))) != 0 {
		t.Error("differences outside the table")
	}
	_, err = (&sample{queries: 3, missed: 3}).probability()
	testkit.WantMentions(t, "no neighbours with estimates", err, "3 queries")
}

func TestNewSketchOfBadInput(t *testing.T) {
	f := newFixture(t)
	queries := vectors(2, 8)
	try := func(change func(o *SketchOptions)) error {
		o := SketchOptions{Layout: f.layout, Queries: queries, Nearest: nearest(f.base, queries)}
		change(&o)
		_, err := NewSketch(context.Background(), f.order.sketch, o)
		return err
	}
	testkit.WantMentions(t, "missing neighbours", try(func(o *SketchOptions) { o.Nearest = o.Nearest[:1] }), "2 queries")
	other := func(o *SketchOptions) { o.Layout = layout.New([][]int32{o.Layout.IDs}) }
	testkit.WantMentions(t, "another layout", try(other), "layout of 1")
	testkit.WantMentions(t, "a foreign neighbour", try(func(o *SketchOptions) { o.Nearest[1].ID = 3000 }), "query 1", "3000")
	testkit.WantMentions(t, "NaN", try(func(o *SketchOptions) { o.Nearest[0].Distance = float32(math.NaN()) }), "query 0", "NaN")
}
