package words

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine/enginetest"
)

// glove returns the n most frequent words.
func glove(t *testing.T, n int) *Words {
	t.Helper()
	w, err := Open()
	if err != nil {
		t.Skip(err)
	}
	if len(w.Names) != 400000 || w.Vectors.D != 50 || w.Names[0] != "the" {
		t.Fatalf("%d words of %d dimensions, first %q", len(w.Names), w.Vectors.D, w.Names[0])
	}
	if w, err = w.First(n); err != nil {
		t.Fatal(err)
	}
	return w
}

// invented returns n Gaussian vectors of d dimensions with the names w0, w1, …
func invented(t *testing.T, n, d int) *Words {
	t.Helper()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("w%d", i)
	}
	w, err := New(names, enginetest.Gaussian(n, d, 1))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The exact tree finds the words that brute force finds, and these are the known neighbours in GloVe.
func TestSimilarWords(t *testing.T) {
	w := glove(t, 20000)
	x, err := NewIndex(w)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := x.Similar(t.Context(), []string{"king", "paris", "three"}, 10, 100)
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]string{"king": "queen", "paris": "france", "three": "four"}
	for a := range slices.Chunk(answers, 4) {
		brute := a[0]
		if !slices.ContainsFunc(brute.Similar, func(s Similarity) bool { return s.Word == expected[brute.Word] }) {
			t.Errorf("like %s: %v", brute.Word, brute.Similar)
		}
		for _, exact := range a[1:3] {
			if exact.Leaves != 0 || !reflect.DeepEqual(exact.Similar, brute.Similar) {
				t.Errorf("%s, %s: %v; brute force %v", exact.Word, exact.Method, exact.Similar, brute.Similar)
			}
		}
		if budgeted := a[3]; budgeted.Leaves != 100 || budgeted.Visited > 100*16 || len(budgeted.Similar) == 0 {
			t.Errorf("%+v", budgeted)
		}
	}
}

// In two dimensions the exact tree visits few points, in fifty nearly all.
func TestCurveOfGloVe(t *testing.T) {
	for _, p := range []Projection{Random, Leading} {
		records, err := Curve(t.Context(), glove(t, 20000), Options{Dimensions: []int{2, 50}, Projection: p, Queries: 20, Leaves: []int{100}, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			t.Logf("%s, %d: %s, %d leaves: visited %.4f, overlap %.3f", r.Projection, r.Dimension, r.Method, r.Leaves, r.Visited, r.Overlap)
			switch exact := r.Leaves == 0; {
			case exact && r.Overlap != 1,
				r.Method == string(DepthFirst) && r.Dimension == 2 && r.Visited > .01,
				r.Method == string(DepthFirst) && r.Dimension == 50 && r.Visited < .9,
				!exact && r.Dimension == 50 && (r.Visited > .1 || r.Overlap < .1 || r.Overlap == 1):
				t.Errorf("%+v", r)
			}
		}
	}
}

func TestCurveIsReproducible(t *testing.T) {
	w := invented(t, 500, 12)
	o := Options{Queries: 30, K: 5, Leaves: []int{3}, Seed: 7}
	var runs [2][]Record
	for i := range runs {
		var err error
		if runs[i], err = Curve(t.Context(), w, o); err != nil {
			t.Fatal(err)
		}
		if len(runs[i]) != 8*4 { // dimensions 2, 3, 4, 5, 6, 8, 10, 12
			t.Fatalf("%d records", len(runs[i]))
		}
		path := filepath.Join(t.TempDir(), "words.csv")
		if err := WriteRecords(path, runs[i]); err != nil {
			t.Fatal(err)
		}
		if back, err := ReadRecords(path); err != nil || !reflect.DeepEqual(back, runs[i]) {
			t.Fatalf("%v, %v", back, err)
		}
		for j := range runs[i] {
			runs[i][j].Microseconds = 0
		}
	}
	if !reflect.DeepEqual(runs[0], runs[1]) {
		t.Error("one seed gave two curves")
	}
}

// A random projection preserves squared distances in the mean. The projection to all leading dimensions is the identity.
func TestProject(t *testing.T) {
	v := enginetest.Gaussian(400, 50, 1)
	low, err := Project(v, Random, 20, 3)
	if err != nil {
		t.Fatal(err)
	}
	ratio := 0.0
	for i := range 200 {
		ratio += float64(ann.SquaredL2(low.Row(2*i), low.Row(2*i+1))/ann.SquaredL2(v.Row(2*i), v.Row(2*i+1))) / 200
	}
	if t.Logf("squared distances: %.3f of before", ratio); ratio < .9 || ratio > 1.1 {
		t.Errorf("squared distances: %.3f of before", ratio)
	}
	all, err := Project(v, Leading, 50, 0)
	if err != nil || !reflect.DeepEqual(all, v) {
		t.Errorf("50 leading dimensions of 50 are others: %v", err)
	}
	two, err := Project(v, Leading, 2, 0)
	if err != nil || two.Data[2] != v.Data[50] || two.Data[3] != v.Data[51] {
		t.Errorf("2 leading dimensions: %v", err)
	}
}

func TestBadInput(t *testing.T) {
	w := invented(t, 20, 3)
	for _, o := range []Options{{Dimensions: []int{4}}, {Dimensions: []int{0}}, {K: 20}, {K: -1}, {Queries: 21}, {Leaves: []int{0}}, {Projection: "principal"}} {
		if _, err := Curve(t.Context(), w, o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Curve(stopped, w, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	x, err := NewIndex(w)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Similar(t.Context(), []string{"w3", "Zebra"}, 2); err == nil || !strings.Contains(err.Error(), `"Zebra"`) {
		t.Errorf("an unknown word: %v", err)
	}
	if _, err := x.Similar(t.Context(), []string{"w3"}, 20); err == nil {
		t.Error("20 of 19 other words were found")
	}
	v := ann.Vectors{N: 2, D: 1, Data: []float32{1, 2}}
	for says, names := range map[string][]string{"1 names": {"a"}, `"a"`: {"a", "a"}} {
		if _, err := New(names, v); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v", names, err)
		}
	}
	if _, err := New([]string{"a", "b"}, ann.Vectors{N: 2, D: 1, Data: []float32{1, 0}}); err == nil {
		t.Error("a zero vector was accepted")
	}
}
