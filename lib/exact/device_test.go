package exact

import (
	"math/rand/v2"
	"testing"

	"anncapacity/lib/ann"
)

// With several calls at a time and blocks that grow, as on a GPU, XLA finds what double precision finds.
func TestStreamOnADevice(t *testing.T) {
	base := made(3000, 24, func(rng *rand.Rand, i, _ int) float64 { return float64(i%30) + rng.NormFloat64() })
	queries := ann.Vectors{N: 700, D: 24, Data: base.Data[:700*24]}
	self := inOrder(700)
	for _, metric := range ann.Metrics {
		s, err := NewStream(queries, 9, metric, StreamOptions{Self: self})
		if err != nil {
			t.Fatal(err)
		}
		s.tiles, s.device.shape = nil, shape{rows: 150, columns: 64, near: 256, calls: 4}
		for first := 0; first < base.N; first += 1500 {
			if err := s.Add(t.Context(), first, ann.Vectors{N: 1500, D: 24, Data: base.Data[first*24 : (first+1500)*24]}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Neighbors()
		if err != nil {
			t.Fatal(err)
		}
		sameLists(t, metric, 1500, got, trueValues(t, base, queries, 9, metric, self))
	}
}

// A product that is farther from its value than the frame states is an error, whatever computed it.
func TestProductsAreChecked(t *testing.T) {
	base, queries := random(70, 16, 1), random(1, 16, 2)
	p := points{Vectors: base, metric: ann.Euclidean}
	nearest := trueValues(t, base, queries, 1, ann.Euclidean, nil)[0][0].ID
	for _, share := range []float64{1, .999999, .9} {
		s, err := NewStream(queries, 5, ann.Euclidean, StreamOptions{})
		if err != nil {
			t.Fatal(err)
		}
		a := &addition{Stream: s, base: &p, farthest: -1}
		if a.frame, err = newFrameFor(&p, &s.queries, precision{}); err != nil {
			t.Fatal(err)
		}
		s.limits = make([]float32, 1)
		a.begin(0)
		a.reach(100)
		for id := range int32(base.N) {
			value := p.value(&s.queries, 0, int(id)) * a.frame.scale * a.frame.scale
			if id == nearest {
				value *= share
			}
			a.keep(0, float32(value), id)
		}
		a.settle(0)
		if w := a.wrong.Load(); (w != nil) != (share < .99) || w != nil && w.id != nearest {
			t.Errorf("a product of %g of the value: %v", share, w)
		}
	}
}
