package sift

import (
	"bytes"
	"math"
	"testing"

	"anncapacity/lib/images"
)

// The warps of one photograph: the centre stays the centre, the map is a similarity within the limits, both reflections occur,
// and the numbers depend on the seed, the photograph and the number of the warp.
func TestWarpsAreWithinLimits(t *testing.T) {
	m := &images.RGB{Width: 96, Height: 48}
	o := Options{Settings: Settings{Enlarge: 1.5}, Seed: 1}
	seen, mirrored := map[warp]bool{}, 0
	for i := range 200 {
		h := headerOf(m, job{image: i % 20, warp: 1 + i/20}, o)
		w := h.Warp
		a, b, c, d := w.Matrix[0], w.Matrix[1], w.Matrix[3], w.Matrix[4]
		x, y := a*47.5+b*23.5+w.Matrix[2], c*47.5+d*23.5+w.Matrix[5]
		scale := math.Hypot(a, c) / 1.5
		angle := math.Abs(math.Atan2(-b, d)) * 180 / math.Pi
		if math.Abs(x-71.5) > 1e-9 || math.Abs(y-35.5) > 1e-9 || math.Abs(a*b+c*d) > 1e-9 || math.Abs(math.Hypot(a, c)-math.Hypot(b, d)) > 1e-9 {
			t.Fatalf("%v is no similarity about the centre", w.Matrix)
		}
		grey := w.Gain*128 + w.Bias
		if h.Warped != 1 || scale < minScale || scale > maxScale || angle > maxRotation || w.Gain < minGain || w.Gain > maxGain || math.Abs(grey-128) > maxBias {
			t.Fatalf("scale %v, %v degrees, gain %v, grey 128 becomes %v", scale, angle, w.Gain, grey)
		}
		if a*d-b*c < 0 {
			mirrored++
		}
		seen[w] = true
	}
	if len(seen) != 200 || mirrored < 60 || mirrored > 140 {
		t.Errorf("%d different warps of 200, %d reflected", len(seen), mirrored)
	}
	o.Seed = 2
	if seen[headerOf(m, job{warp: 1}, o).Warp] || headerOf(m, job{}, o).Warped != 0 {
		t.Error("another seed gives the same warp, or a photograph itself is warped")
	}
}

// Warps add descriptors to the learn set, and change neither the base nor which photographs serve which set.
func TestWarpsAddToTheLearnSet(t *testing.T) {
	few := func(o *Options) { o.Learn = 100 }
	plain := make40(t, few)
	warped := make40(t, func(o *Options) { few(o); o.Warps = 2 })
	if !bytes.Equal(plain.Base.Vectors.Bytes, warped.Base.Vectors.Bytes) || plain.Queries.Found != warped.Queries.Found {
		t.Error("warps of the learn set change the base or the queries")
	}
	ratio := float64(warped.Learn.Found) / float64(plain.Learn.Found)
	if ratio < 2.2 || ratio > 4 || bytes.Equal(plain.Learn.Vectors.Bytes, warped.Learn.Vectors.Bytes) {
		t.Errorf("%d descriptors with two warps, %d without", warped.Learn.Found, plain.Learn.Found)
	}
}
