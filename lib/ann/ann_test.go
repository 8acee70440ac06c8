package ann

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// wantError checks that an error mentions words; no words: that there is none.
func wantError(t *testing.T, what string, err error, words string) {
	t.Helper()
	if (err == nil) != (words == "") || err != nil && !strings.Contains(err.Error(), words) {
		t.Errorf("%s: error %v, want %q", what, err, words)
	}
}

func TestNewVectors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for what, c := range map[string]struct {
		n, d  int
		data  []float32
		words string
	}{
		"whole": {2, 3, make([]float32, 6), ""}, "no rows": {0, 3, nil, "0 × 3"}, "no columns": {2, 0, nil, "2 × 0"},
		"short": {2, 3, make([]float32, 5), "5 numbers do not make 2 × 3"}, "long": {1, 1, make([]float32, 2), "2 numbers"},
		"NaN": {2, 2, []float32{0, 1, 2, nan}, "row 1, column 1 is NaN"}, "infinite": {2, 2, []float32{0, inf, 2, 3}, "row 0, column 1 is -Inf"},
	} {
		v, err := NewVectors(c.n, c.d, c.data)
		if wantError(t, what, err, c.words); err == nil && (v.N != c.n || v.D != c.d || &v.Data[0] != &c.data[0]) {
			t.Errorf("%s: %+v is not a view of the data", what, v)
		}
	}
}

func TestRowsAndSubset(t *testing.T) {
	v := Vectors{N: 3, D: 2, Data: []float32{0, 1, 10, 11, 20, 21}}
	if row := append(v.Row(1), 99); v.Data[4] != 20 || !slices.Equal(row[:2], []float32{10, 11}) {
		t.Errorf("row 1 is %v; appending to it must not change row 2", row)
	}
	s, err := v.Subset([]int32{2, 0, 2})
	if want := []float32{20, 21, 0, 1, 20, 21}; err != nil || s.N != 3 || s.D != 2 || !slices.Equal(s.Data, want) {
		t.Errorf("%+v, %v; want %v", s, err, want)
	}
	if s.Data[0] = -1; v.Data[4] != 20 {
		t.Error("the subset is no copy")
	}
	for _, id := range []int32{-1, 3} {
		_, err := v.Subset([]int32{id})
		wantError(t, "outside", err, "there are 3 rows")
	}
}

// Distances worked out by hand, for every length modulo four, which SquaredL2 treats apart.
func TestL2(t *testing.T) {
	for d := range 10 {
		a, b := make([]float32, d), make([]float32, d+1)
		want := float32(0)
		for i := range a {
			a[i], b[i] = float32(i), float32(3*i+1)
			want += float32((2*i + 1) * (2*i + 1))
		}
		if got := SquaredL2(a, b); got != want {
			t.Errorf("%d dimensions: squared distance %v, want %v", d, got, want)
		}
	}
	for _, c := range []struct{ a, b, want float32 }{
		{0, 3e-30, 3e-30}, {-2e30, 1e30, 3e30}, {5, 5, 0}, // squares of the first two are no float32
	} {
		if got := L2([]float32{c.a}, []float32{c.b}); math.Abs(float64(got-c.want)) > 1e-6*float64(c.want) {
			t.Errorf("between %v and %v: %v", c.a, c.b, got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a shorter b was taken")
		}
	}()
	SquaredL2(make([]float32, 3), make([]float32, 2))
}

func TestNeighborsSort(t *testing.T) {
	list := Neighbors{{7, 2}, {3, 1}, {9, 0.5}, {2, 2}, {1, 2}}
	list.Sort()
	if want := (Neighbors{{9, 0.5}, {3, 1}, {1, 2}, {2, 2}, {7, 2}}); !slices.Equal(list, want) {
		t.Errorf("%v, want %v: by distance, ties by ID", list, want)
	}
}

func TestQueryIsItsPoint(t *testing.T) {
	base := Vectors{N: 2, D: 1, Data: []float32{5, 6}}
	for what, c := range map[string]struct {
		q    Query
		id   int32
		self bool
	}{"outside": {Query{Vector: []float32{6}}, 0, false}, "point 0": {Point(base, 0), 0, true}, "point 1": {Point(base, 1), 1, true}, "by ID": {PointID(1), 1, true}} {
		if id, self := c.q.Self(); self != c.self || self && id != c.id {
			t.Errorf("%s: point %d, %v", what, id, self)
		}
	}
	if q := Point(base, 1); !slices.Equal(q.Vector, []float32{6}) {
		t.Errorf("point 1 is %v", q.Vector)
	}
}

// Four points of two dimensions: an indexed point has three neighbours, any other query four.
func TestCheckQuery(t *testing.T) {
	base := Vectors{N: 4, D: 2, Data: make([]float32, 8)}
	outside := Query{Vector: make([]float32, 2)}
	for what, c := range map[string]struct {
		q     Query
		k, n  int
		words string
	}{
		"all from outside": {outside, 4, 4, ""}, "five of four": {outside, 5, 4, "between 1 and 4"}, "all others": {Point(base, 3), 3, 4, ""},
		"itself among them": {Point(base, 3), 4, 4, "between 1 and 3"}, "none": {outside, 0, 4, "k = 0"}, "fewer than none": {outside, -1, 4, "k = -1"},
		"other length": {Query{Vector: make([]float32, 3)}, 1, 4, "3 dimensions, the index 2"}, "no such point": {Point(base, 3), 1, 3, "point 3 of 3"},
		"alone": {Point(base, 0), 1, 1, "only one vector"}, "one, from outside": {outside, 1, 1, ""},
	} {
		wantError(t, what, CheckQuery(c.q, c.k, c.n, 2), c.words)
	}
}
