package sift

import (
	"math"
	"math/rand/v2"

	"anncapacity/lib/images"
)

// warp is a random change of a photograph: an affine map, and a linear change of the brightness.
type warp struct {
	Matrix     [6]float64 // 2 × 3, from the photograph's pixels to those of the image in which descriptors are found
	Gain, Bias float64    // grey becomes Gain·grey + Bias, clipped to 0 … 255
}

// Limits of the random numbers of a warp.
const (
	maxRotation = 20.0 // degrees, both ways
	minScale    = 0.7  // the logarithm of the scale is uniform
	maxScale    = 1.4
	minGain     = 0.7 // of the contrast around grey 128
	maxGain     = 1.3
	maxBias     = 25.0 // of the brightness, both ways
)

// headerOf returns the header of a job's photograph.
func headerOf(m *images.RGB, j job, o Options) header {
	h := header{Width: uint32(m.Width), Height: uint32(m.Height)}
	h.OutWidth = uint32(max(1, math.Round(o.Settings.Enlarge*float64(m.Width))))
	h.OutHeight = uint32(max(1, math.Round(o.Settings.Enlarge*float64(m.Height))))
	if j.warp > 0 {
		h.Warped = 1
		h.Warp = newWarp(h, o.Settings.Enlarge, rand.New(rand.NewPCG(o.Seed^uint64(j.warp)<<32, uint64(j.image)+1<<32)))
	}
	return h
}

// newWarp draws a rotation about the centre, a scale, a reflection and a brightness.
func newWarp(h header, enlarge float64, rng *rand.Rand) warp {
	between := func(low, high float64) float64 { return low + float64((high-low)*rng.Float64()) }
	angle := between(-maxRotation, maxRotation) * math.Pi / 180
	scale := enlarge * math.Exp(between(math.Log(minScale), math.Log(maxScale)))
	mirror := float64(1 - 2*rng.IntN(2))
	sin, cos := math.Sincos(angle)
	a, b, c, d := scale*cos*mirror, -scale*sin, scale*sin*mirror, scale*cos
	x, y := float64(h.Width-1)/2, float64(h.Height-1)/2
	toX, toY := float64(float64(h.OutWidth-1)/2), float64(float64(h.OutHeight-1)/2)
	gain, bias := between(minGain, maxGain), between(-maxBias, maxBias)
	return warp{[6]float64{a, b, toX - float64(a*x) - float64(b*y), c, d, toY - float64(c*x) - float64(d*y)}, gain,
		float64(128*(1-gain)) + bias}
}
