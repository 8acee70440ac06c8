package router

import (
	"math"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// Bad inputs and options are errors that name them.
func TestTrainRefuses(t *testing.T) {
	learn, labels, centers := separable(40, 12, 8)
	strange := learn.Vectors()
	strange.Data[25] = float32(math.NaN())
	floats := learn.Vectors().Coordinates()
	wrong := slices.Clone(labels)
	wrong[7] = 8
	for _, c := range []struct {
		learn  ann.Coordinates
		labels Labels
		change func(o *Options)
		words  []string
	}{
		{ann.Coordinates{}, Labels{}, func(*Options) {}, []string{"no learn queries"}},
		{strange.Coordinates(), One(labels), func(*Options) {}, []string{"coordinate 1 of vector 2", "NaN"}},
		{learn, One(wrong), func(*Options) {}, []string{"label 8 of query 7"}},
		{learn, One(labels[:39]), func(*Options) {}, []string{"39", "40"}},
		{learn, Labels{Starts: make([]int32, 41)}, func(*Options) {}, []string{"query 0 has no label"}},
		{learn, Labels{One(labels).Starts, labels, make([]float32, 40)}, func(*Options) {}, []string{"query 0 sum to 0"}},
		{learn, One(labels), func(o *Options) { o.Units = 0 }, []string{"Units 0"}},
		{learn, One(labels), func(o *Options) { o.Hidden = -1 }, []string{"Hidden -1"}},
		{learn, One(labels), func(o *Options) { o.LearningRate = math.NaN() }, []string{"LearningRate NaN"}},
		{learn, One(labels), func(o *Options) { o.LearningRate = 1e38 }, []string{"loss", "LearningRate"}},
		{learn, One(labels), func(o *Options) { o.Activation = 9 }, []string{"Activation(9)"}},
		{learn, One(labels), func(o *Options) { o.Centroids = firstOf(centers, 7) }, []string{"Centroids", "7 × 12"}},
		{learn, One(labels), func(o *Options) { o.NoisyBase = &NoisyBase{learn, One(labels), 0} }, []string{"NoisyBase.Noise 0"}},
		{learn, One(labels), func(o *Options) { o.NoisyBase = &NoisyBase{floats, One(labels), 1} }, []string{"1 bytes", "4 bytes"}},
	} {
		o := small(8)
		c.change(&o)
		_, err := Train(t.Context(), c.learn, c.labels, o)
		testkit.WantMentions(t, c.words[0], err, c.words...)
	}
	n := untrained(t, learn, One(labels), small(8))
	err := n.Evaluate(t.Context(), ann.Vectors{N: 1, D: 11, Data: make([]float32, 11)}.Coordinates(), nil)
	testkit.WantMentions(t, "dimension", err, "11", "12")
}

// firstOf returns the first n vectors.
func firstOf(v ann.Vectors, n int) ann.Vectors { return v.Coordinates().Rows(0, n) }

// A network survives MarshalBinary and UnmarshalBinary; damage is an error.
func TestMarshal(t *testing.T) {
	learn, labels, centers := separable(40, 12, 8)
	o := small(8)
	o.Centroids, o.Activation = centers, SiLU
	n := untrained(t, learn, One(labels), o)
	content := packed(t, n)
	var again Network
	if err := again.UnmarshalBinary(content); err != nil {
		t.Fatal(err)
	}
	var a, b Scratch
	q := learn.Row(3, make([]float32, 12))
	if !slices.Equal(n.Logits(q, &a), again.Logits(q, &b)) || again.Units() != 8 || again.Dimension() != 12 {
		t.Error("the network read differs from the one written")
	}
	if want := int64(4 * (12 + 12 + 12*32 + 32 + 32*32 + 32 + 32*8 + 12*8 + 8)); n.MemoryBytes() != want {
		t.Errorf("%d bytes, want %d", n.MemoryBytes(), want)
	}
	content[len(content)/2]++
	if err := again.UnmarshalBinary(content); err == nil {
		t.Error("damaged: no error")
	}
}
