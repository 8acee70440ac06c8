package filters

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
)

// options returns 4,000 points of dimension 8 and 30 queries, and labels of which 2, 10 and 88 % of the points are.
func options(t *testing.T) Options {
	o := Options{K: 20, EfSearch: []int{20, 80}, M: 16, Construction: 64, Dir: t.TempDir()}
	rng := rand.New(rand.NewPCG(1, 2))
	normal := func(n int) ann.Vectors {
		v := ann.Vectors{N: n, D: 8, Data: make([]float32, 8*n)}
		for i := range v.Data {
			v.Data[i] = float32(rng.NormFloat64())
		}
		return v
	}
	o.Base, o.Queries = normal(4000), normal(30)
	for range o.Base.N {
		label := int64(7)
		switch draw := rng.IntN(100); {
		case draw < 2:
			label = 1
		case draw < 12:
			label = -3
		}
		o.Labels = append(o.Labels, label)
	}
	return o
}

// find returns the row of a way, or fails the test.
func find(t *testing.T, rows []Row, way string, label int64, ef int) Row {
	t.Helper()
	for _, r := range rows {
		if r.Way == way && r.Label == label && r.EfSearch == ef {
			return r
		}
	}
	t.Fatalf("no row of %s, label %d, efSearch %d", way, label, ef)
	return Row{}
}

// The visited nodes that match are what FAISS returns with a selector, at every filter and efSearch. hnswlib goes on until it has
// efSearch nodes that match. pgvector filters the efSearch nearest, unless it scans iteratively.
func TestCompare(t *testing.T) {
	o := options(t)
	rows, missing, err := Compare(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	absent := strings.Join(missing, "\n")
	t.Log(absent)
	for _, label := range []int64{-3, 1, 7} {
		for _, ef := range o.EfSearch {
			if !strings.Contains(absent, "FAISS") {
				checkLibraries(t, rows, label, ef)
			}
			if !strings.Contains(absent, "pgvector") {
				checkTable(t, rows, label, ef)
			}
		}
	}
}

func checkLibraries(t *testing.T, rows []Row, label int64, ef int) {
	t.Helper()
	walk, faiss, hnswlib := find(t, rows, "walk", label, ef), find(t, rows, "faiss", label, ef), find(t, rows, "hnswlib", label, ef)
	if walk.Recall != faiss.Recall || walk.Fill != faiss.Fill || walk.Visited != faiss.Visited || walk.Visited < float64(ef) {
		t.Errorf("walk %+v\nFAISS %+v", walk, faiss)
	}
	if hnswlib.Fill < .99 || hnswlib.Recall < walk.Recall-.05 {
		t.Errorf("%+v", hnswlib)
	}
}

func checkTable(t *testing.T, rows []Row, label int64, ef int) {
	t.Helper()
	off, strict := find(t, rows, "pgvector off", label, ef), find(t, rows, "pgvector strict_order", label, ef)
	if expected := min(1, float64(ef)*off.Selectivity/20); math.Abs(off.Fill-expected) > .12 {
		t.Errorf("fill %v, want about %v: %+v", off.Fill, expected, off)
	}
	if strict.Fill < .99 {
		t.Errorf("%+v", strict)
	}
}

func TestMistakes(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"3999 labels for 4000 vectors": func(o *Options) { o.Labels = o.Labels[1:] },
		"must be positive":             func(o *Options) { o.K = 0 },
		"queries for vectors of 8":     func(o *Options) { o.Queries = ann.Vectors{N: 30, D: 4, Data: make([]float32, 120)} },
	} {
		o := options(t)
		change(&o)
		if _, _, err := Compare(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestSplit(t *testing.T) {
	v := ann.Vectors{N: 3000, D: 600, Data: make([]float32, 3000*600)}
	for i := range v.Data {
		v.Data[i] = float32(i)
	}
	var o, again Options
	for _, each := range []*Options{&o, &again} {
		if err := each.Split(v, 100, 1); err != nil {
			t.Fatal(err)
		}
	}
	if o.Base.N != 2900 || o.Queries.N != 100 || o.Base.D != 512 || len(o.Labels) != 2900 || !slices.Equal(o.Base.Data, again.Base.Data) || !slices.Equal(o.Labels, again.Labels) {
		t.Fatalf("%d × %d and %d", o.Base.N, o.Base.D, o.Queries.N)
	}
	seen := map[float32]bool{}
	for _, part := range []ann.Vectors{o.Base, o.Queries} {
		for i := range part.N {
			row := part.Row(i)
			if seen[row[0]] || row[511] != row[0]+511 {
				t.Fatalf("row %d begins with %v", i, row[0])
			}
			seen[row[0]] = true
		}
	}
	counts := make([]float64, len(Shares))
	for _, label := range o.Labels {
		counts[label] += 1. / 2900
	}
	for label, share := range Shares {
		if math.Abs(counts[label]-share) > .03 {
			t.Errorf("label %d: %v of the rows, want %v", label, counts[label], share)
		}
	}
	if err := o.Split(v, 3000, 1); err == nil {
		t.Error("no base is left")
	}
}
