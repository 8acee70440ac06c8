package exact

import (
	"math"
	"math/rand/v2"
	"strings"
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
		s.tiles, s.device = nil, shape{rows: 150, few: 64, columns: 256, calls: 4, group: 2}
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

// A device that says that a far vector is within the limit has products of fewer digits than the frame states.
func TestProductsOfADeviceAreChecked(t *testing.T) {
	base, queries := random(70, 16, 1), random(1, 16, 2)
	s, err := NewStream(queries, 5, ann.Euclidean, StreamOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add(t.Context(), 70, base); err != nil {
		t.Fatal(err)
	}
	p := points{Vectors: base, metric: ann.Euclidean}
	f, err := newFrameFor(&p, &s.queries, precision{})
	if err != nil {
		t.Fatal(err)
	}
	a := &addition{Stream: s, base: &p, frame: f}
	a.begin(0)
	far := s.lists[0][4].id - 70
	value := a.value(0, far)
	for _, c := range []struct {
		limit float64
		fails bool
	}{{value, false}, {value * .999999, false}, {value * .9, true}, {math.Inf(1), false}} {
		err := a.offerBits(0, float32(c.limit), []uint32{0, 1 << (far % 32), 0, 0}[1-far/32:], inOrder(base.N))
		if (err != nil) != c.fails || err != nil && !strings.Contains(err.Error(), "digits of float32") {
			t.Errorf("limit %g, value %g: %v", c.limit, value, err)
		}
	}
}
