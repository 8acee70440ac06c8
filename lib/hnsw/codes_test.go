package hnsw

import (
	"bytes"
	"context"
	"math"
	"runtime"
	"testing"

	"anncapacity/lib/ann"
)

// A graph of many vectors is built on codes, whose recall at efSearch 50 is within .005 of that of a graph built on the vectors.
// n = 5000, d = 24, M = 16. The bytes are the same on any number of cores.
func TestConstructionOnCodes(t *testing.T) {
	v := clusters(5000, 24, 4)
	for _, metric := range ann.Metrics {
		space, err := OnMetric(v, metric)
		if err != nil {
			t.Fatal(err)
		}
		o := Options{M: 16, EfConstruction: 60, Seed: 1}
		codes := onCodes(t, space, o)
		if codes == nil {
			t.Fatalf("%v: not built on codes", metric)
		}
		rounded, exact := build(t, space, o), build(t, wholeSpace{space}, o)
		if a, b := recall(t, rounded, v, metric), recall(t, exact, v, metric); a < b-.005 {
			t.Errorf("%v: recall@10 %.4f, on the vectors %.4f", metric, a, b)
		}
		if bytes.Equal(bytesOf(t, rounded), bytesOf(t, exact)) {
			t.Errorf("%v: the graphs are equal", metric)
		}
		old := runtime.GOMAXPROCS(3)
		if again := build(t, space, o); !bytes.Equal(bytesOf(t, again), bytesOf(t, rounded)) {
			t.Errorf("%v: three cores gave another graph", metric)
		}
		runtime.GOMAXPROCS(old)
	}
}

// wholeSpace is a space that Build does not round.
type wholeSpace struct{ Space }

func onCodes(t *testing.T, space Space, o Options) *codeSpace {
	t.Helper()
	on, err := space.(*vectorSpace).forConstruction(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	codes, _ := on.(*codeSpace)
	return codes
}

// Codes are not used where they would change an engine's graph, for few vectors, and where they are too coarse.
func TestNoCodes(t *testing.T) {
	v := clusters(codePoints, 8, 4)
	far := ann.Vectors{N: v.N, D: v.D, Data: append([]float32(nil), v.Data...)}
	far.Row(17)[5] = 1e6
	same := ann.Vectors{N: v.N, D: v.D, Data: make([]float32, len(v.Data))}
	for name, test := range map[string]struct {
		v ann.Vectors
		o Options
	}{
		"FAISS":   {v, Options{Insertion: AsFAISS115}},
		"few":     {clusters(codePoints-1, 8, 4), Options{}},
		"outlier": {far, Options{}},
		"equal":   {same, Options{}},
	} {
		if onCodes(t, OnVectors(test.v), test.o) != nil {
			t.Errorf("%s: built on codes", name)
		}
	}
	if onCodes(t, OnVectors(v), Options{Insertion: AsHNSWLib}) == nil {
		t.Error("hnswlib: not built on codes")
	}
}

// The values of codes are those of the vectors except for the rounding, in units of the grid.
func TestCodesAreRoundedVectors(t *testing.T) {
	v := clusters(300, 20, 5)
	for _, metric := range []ann.Metric{ann.Euclidean, ann.InnerProduct} {
		c := encode(v, metric)
		farthest := 0.
		for i := range v.N {
			for j := range c.width {
				farthest = max(farthest, math.Abs(float64(c.row(int32(i))[j])))
			}
		}
		if farthest != highestCode {
			t.Errorf("%v: the largest code is %v", metric, farthest)
		}
		near, far, got := make([]float32, 1), make([]float32, 1), make([]float32, 2)
		whole := &vectorSpace{v: v, kind: metric, factor: 1}
		whole.from(3, nil).values([]int32{4}, near)
		whole.from(3, nil).values([]int32{250}, far)
		c.from(3, nil).values([]int32{4, 250}, got)
		ratio := float64(got[0]) / float64(near[0])
		if math.Abs(float64(got[1])/float64(far[0])/ratio-1) > .05 {
			t.Errorf("%v: %v by codes, %v and %v by vectors", metric, got, near, far)
		}
	}
}
