package layout_test

import (
	"context"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/layout"
)

// mapped returns n vectors of d numbers of uint8: linear images of random vectors of 6 numbers, with noise.
func mapped(n, d int) ann.Coordinates {
	rng := rand.New(rand.NewPCG(1, 0))
	c := ann.Coordinates{N: n, D: d, Bytes: make([]uint8, n*d)}
	matrix := make([]float64, 6*d)
	for i := range matrix {
		matrix[i] = 15 * rng.NormFloat64()
	}
	var x [6]float64
	for i := range c.Bytes {
		if i%d == 0 {
			for k := range x {
				x[k] = rng.NormFloat64()
			}
		}
		sum := 128 + 5*rng.NormFloat64()
		for k, value := range x {
			sum += matrix[k*d+i%d] * value
		}
		c.Bytes[i] = uint8(max(0, min(255, sum)))
	}
	return c
}

// spread returns the mean squared distance between a vector and the mean of its page.
func spread(base ann.Coordinates, l layout.Layout) float64 {
	total := 0.
	for u := range l.Units() {
		mean := make([]float32, base.D)
		for _, id := range l.Unit(u) {
			for j, x := range base.Rows(int(id), int(id)+1).Data {
				mean[j] += x / float32(l.Size(u))
			}
		}
		for _, id := range l.Unit(u) {
			total += float64(base.SquaredL2(mean, int(id)))
		}
	}
	return total / float64(base.N)
}

func pages(t *testing.T, base ann.Coordinates, o layout.PagesOptions) layout.Layout {
	t.Helper()
	l, err := layout.Pages(context.Background(), base, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Check(base.N); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestPagesAreFullAndTight(t *testing.T) {
	base := mapped(5000, 16)
	bisected := pages(t, base, layout.PagesOptions{PerPage: 31, Rounds: -1})
	moved := pages(t, base, layout.PagesOptions{PerPage: 31})
	for _, l := range []layout.Layout{bisected, moved} {
		empty := 0
		for u := range l.Units() {
			if l.Size(u) > 31 {
				t.Errorf("page %d holds %d vectors", u, l.Size(u))
			}
			empty += 31 - l.Size(u)
		}
		if l.Units() != 162 || empty != 162*31-5000 {
			t.Errorf("%d pages with %d empty places, want 162 with 22", l.Units(), empty)
		}
	}
	apart := spread(base, layout.New([][]int32{bisected.IDs}))
	if b, m := spread(base, bisected), spread(base, moved); b > apart/2 || m > 0.97*b {
		t.Errorf("mean squared distance to the mean: all %.0f, bisected %.0f, after the rounds %.0f", apart, b, m)
	}
}

func TestPagesDoNotDependOnTheCores(t *testing.T) {
	base := mapped(6000, 12)
	var all []layout.Layout
	for _, cores := range []int{1, 2} {
		old := runtime.GOMAXPROCS(cores)
		all = append(all, pages(t, base, layout.PagesOptions{PerPage: 20, Seed: 3, Rounds: 2}))
		runtime.GOMAXPROCS(old)
	}
	if !reflect.DeepEqual(all[0], all[1]) {
		t.Error("1 and 2 cores give different pages")
	}
	floats := base.Vectors().Coordinates()
	if !reflect.DeepEqual(all[0], pages(t, floats, layout.PagesOptions{PerPage: 20, Seed: 3, Rounds: 2})) {
		t.Error("vectors of uint8 and the same numbers as float32 give different pages")
	}
}

func TestPagesOfFewAndOfEqualVectors(t *testing.T) {
	equal := ann.Coordinates{N: 100, D: 4, Bytes: make([]uint8, 400)}
	for _, perPage := range []int{1, 7, 99, 100, 1000} {
		l := pages(t, equal, layout.PagesOptions{PerPage: perPage})
		if want := (100 + perPage - 1) / perPage; l.Units() != want {
			t.Errorf("%d pages of %d, want %d", l.Units(), perPage, want)
		}
	}
}

func TestPagesOfBadInput(t *testing.T) {
	ctx := context.Background()
	nan := ann.Coordinates{N: 2, D: 2, Floats: []float32{0, 1, 2, float32(math.NaN())}}
	_, err := layout.Pages(ctx, nan, layout.PagesOptions{PerPage: 1})
	testkit.WantMentions(t, "a coordinate that is NaN", err, "vector 1", "NaN")
	_, err = layout.Pages(ctx, mapped(10, 2), layout.PagesOptions{})
	testkit.WantMentions(t, "no vectors in a page", err, "0 vectors")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := layout.Pages(cancelled, mapped(1000, 8), layout.PagesOptions{PerPage: 10}); err == nil {
		t.Error("no error after the context was cancelled")
	}
}
