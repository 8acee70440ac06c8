package router

import (
	"bytes"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/layout"
)

// separable returns queries of uint8 around distant centres, their labels and the centres.
func separable(n, d, units int) (queries ann.Coordinates, labels []int32, centers ann.Vectors) {
	r := rand.New(rand.NewPCG(1, 2))
	centers = ann.Vectors{N: units, D: d, Data: make([]float32, units*d)}
	for i := range centers.Data {
		centers.Data[i] = float32(20 + r.IntN(200))
	}
	queries = ann.Coordinates{N: n, D: d}
	for i := range n {
		u := i % units
		labels = append(labels, int32(u))
		for _, c := range centers.Row(u) {
			queries.Bytes = append(queries.Bytes, uint8(c)+uint8(r.IntN(9)))
		}
	}
	return queries, labels, centers
}

// small returns options of a quick training.
func small(units int) Options {
	return Options{Units: units, Hidden: 32, Batch: 64, Epochs: 12, LearningRate: 0.01, Seed: 5, CheckpointEpochs: 3}
}

func trained(t *testing.T, learn ann.Coordinates, labels Labels, o Options) *Network {
	t.Helper()
	n, err := Train(t.Context(), learn, labels, o)
	return must(t, err, n)
}

// untrained returns the network before the first step.
func untrained(t *testing.T, learn ann.Coordinates, labels Labels, o Options) *Network {
	t.Helper()
	trainer, err := NewTrainer(learn, labels, o)
	defer must(t, err, trainer).Close()
	n, err := trainer.Network()
	return must(t, err, n)
}

func packed(t *testing.T, n *Network) []byte {
	t.Helper()
	content, err := n.MarshalBinary()
	return must(t, err, content)
}

// Separable units are learnt without an error.
func TestTrainSeparatesUnits(t *testing.T) {
	learn, labels, centers := separable(400, 12, 8)
	for name, change := range map[string]func(o *Options){
		"layers": func(*Options) {}, "linear from centroids": func(o *Options) { o.Linear, o.Centroids = true, centers },
	} {
		o := small(8)
		change(&o)
		n := trained(t, learn, One(labels), o)
		if units := mostProbable(t, n, learn); !slices.Equal(units, labels) {
			t.Errorf("%s: queries in wrong units: %v, want %v", name, units, labels)
		}
	}
}

// mostProbable returns the most probable unit of every query.
func mostProbable(t *testing.T, n *Network, queries ann.Coordinates) (units []int32) {
	t.Helper()
	err := n.Evaluate(t.Context(), queries, func(_ int, logits []float32) error {
		for block := range slices.Chunk(logits, n.Units()) {
			units = append(units, Best(block))
		}
		return nil
	})
	return must(t, err, units)
}

// Before the first step, the logits are −β‖q − c‖² and a number for each query.
func TestCentroidsAreTheStart(t *testing.T) {
	learn, labels, centers := separable(60, 12, 8)
	o := small(8)
	o.Centroids, o.Beta = centers, 0.01
	n := untrained(t, learn, One(labels), o)
	for i := range learn.N {
		q, s := learn.Row(i, make([]float32, 12)), Scratch{}
		logits := n.Logits(q, &s)
		first := float64(logits[0]) + o.Beta*float64(ann.SquaredL2(q, centers.Row(0)))
		for u, x := range logits {
			if got := float64(x) + o.Beta*float64(ann.SquaredL2(q, centers.Row(u))); math.Abs(got-first) > 1e-2 {
				t.Fatalf("query %d, unit %d: %v, want %v", i, u, got, first)
			}
		}
	}
}

// The automatic β has a smaller loss than a half and the double of it.
func TestBetaIsTheBest(t *testing.T) {
	learn, labels, centers := separable(60, 12, 8)
	for i := range labels[:9] {
		labels[i] = (labels[i] + 1) % 8 // without errors the best β is infinite
	}
	o := small(8)
	o.Centroids = centers
	trainer, err := NewTrainer(learn, One(labels), o)
	defer must(t, err, trainer).Close()
	loss := func(beta float64) (sum float64) {
		for i, u := range labels {
			squared, _ := trainer.toCentroids(learn.Row(i, make([]float32, 12)))
			sum += trainer.lossAt(beta, squared, []int32{u})
		}
		return sum
	}
	if b := trainer.bestBeta(); !(loss(b) < loss(b/2)) || !(loss(b) < loss(2*b)) {
		t.Errorf("losses at β = %v: %v, at half %v, at double %v", b, loss(b), loss(b/2), loss(2*b))
	}
}

// A single query computed in Go has the logits of XLA, also in a block that is not full.
func TestLogitsEqualXLA(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	queries := gaussian(r, evaluateRows+37, 20).Coordinates()
	for _, a := range []Activation{ReLU, HyperbolicTangent, SiLU} {
		f := form{D: 20, Hidden: 25, Units: 30, Layers: true, Direct: true, Activation: a}
		var values [][]float32
		for _, size := range f.sizes() {
			values = append(values, gaussian(r, 1, size).Data)
		}
		deviation := slices.Repeat([]float32{9}, 20) // so that the logits are of the size of trained ones
		n := newNetwork(f, gaussian(r, 1, 20).Data, deviation, values)
		var s Scratch
		err := n.Evaluate(t.Context(), queries, func(first int, logits []float32) error {
			for i, x := range logits {
				query := first + i/30
				if i%30 == 0 {
					n.Logits(queries.Row(query, nil), &s)
				}
				if math.Abs(float64(x-s.logits[i%30])) > 1e-4 {
					t.Fatalf("%v: query %d, unit %d: %v in Go, %v on XLA", a, query, i%30, s.logits[i%30], x)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Equal seeds give equal bytes on one and on several threads, other seeds give others.
func TestTrainIsDeterministic(t *testing.T) {
	learn, labels, centers := separable(333, 12, 8)
	o := small(8)
	o.Centroids, o.Epochs = centers, 3
	first := packed(t, trained(t, learn, One(labels), o))
	before := runtime.GOMAXPROCS(1)
	alone := packed(t, trained(t, learn, One(labels), o))
	runtime.GOMAXPROCS(before)
	if !bytes.Equal(first, alone) {
		t.Error("GOMAXPROCS changes the weights")
	}
	other := small(8)
	other.Seed++
	if bytes.Equal(packed(t, untrained(t, learn, One(labels), small(8))), packed(t, untrained(t, learn, One(labels), other))) {
		t.Error("the seed has no effect")
	}
}

// Base vectors with noise train a network without learn queries, and together with them.
func TestNoisyBase(t *testing.T) {
	base, labels, _ := separable(400, 12, 8)
	o := small(8)
	o.NoisyBase = &NoisyBase{base, One(labels), 0.1}
	few := ann.Coordinates{N: 40, D: 12, Bytes: base.Bytes[:40*12]}
	for _, learn := range []ann.Coordinates{{}, few} {
		n := trained(t, learn, One(labels[:learn.N]), o)
		if !slices.Equal(mostProbable(t, n, base), labels) {
			t.Errorf("%d learn queries: wrong units", learn.N)
		}
	}
}

// Soft labels are the weights of the ranks, summed for each unit and divided among the units that hold a vector.
func TestSoft(t *testing.T) {
	l := layout.New([][]int32{{0, 1}, {2}, {1}})
	got, err := Soft(l.Holders(3), []int32{0, 1, 2, 1}, []float64{3, 1})
	if err != nil || got.check(2, 3) != nil {
		t.Fatal(err, got)
	}
	if !slices.Equal(got.Units, []int32{0, 2, 1, 0, 2}) || !slices.Equal(got.Weights, []float32{.875, .125, .75, .125, .125}) {
		t.Error(got)
	}
	for _, bad := range [][]int32{{0}, {0, 3}, {0, -1}} {
		if _, err := Soft(l.Holders(3), bad, []float64{3, 1}); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
	if _, err := Soft(l.Holders(3), []int32{0}, []float64{0}); err == nil {
		t.Error("weights of 0: no error")
	}
}
