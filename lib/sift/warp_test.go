package sift

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
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

// The script applies the warp that the header describes: the descriptors of a grey photograph that it warps are those of the
// photograph whose pixels are moved or changed here.
func TestScriptAppliesTheWarp(t *testing.T) {
	interpreter := opencv(t)
	m, err := images.Load(images.Generated(5, 7), 4)
	if err != nil {
		t.Fatal(err)
	}
	plain := func(at func(x, y int) uint8) frame {
		changed := frame{header{96, 96, 96, 96, 0, warp{}}, make([]uint8, len(m.Pix))}
		for p := range changed.pix {
			changed.pix[p] = at(p/3%96, p/3/96)
		}
		return changed
	}
	grey := func(x, y int) uint8 { return m.Pix[3*(96*y+x)+1] }
	same := [6]float64{1, 0, 0, 0, 1, 0}
	for name, c := range map[string]struct {
		warp warp
		want func(x, y int) uint8
	}{
		"identity": {warp{same, 1, 0}, grey},
		"mirror":   {warp{[6]float64{-1, 0, 95, 0, 1, 0}, 1, 0}, func(x, y int) uint8 { return grey(95-x, y) }},
		"turned":   {warp{[6]float64{0, -1, 95, 1, 0, 0}, 1, 0}, func(x, y int) uint8 { return grey(y, 95-x) }},
		"darker":   {warp{same, 1, -40}, func(x, y int) uint8 { return uint8(max(0, int(grey(x, y))-40)) }},
		"brighter": {warp{same, 2, 8}, func(x, y int) uint8 { return uint8(min(255, 2*int(grey(x, y))+8)) }},
	} {
		warped := plain(grey)
		warped.header.Warped, warped.header.Warp = 1, c.warp
		got := answers(t, interpreter, warped, plain(c.want), plain(grey))
		if !bytes.Equal(got[0], got[1]) || len(got[0]) == 0 {
			t.Errorf("%s: %d descriptors, want %d; or they differ", name, len(got[0])/Dimensions, len(got[1])/Dimensions)
		}
		if (name == "identity") != bytes.Equal(got[0], got[2]) {
			t.Errorf("%s: compared with the photograph itself, the descriptors are equal: %v", name, name != "identity")
		}
	}
}

// frame is what the script is sent for one photograph.
type frame struct {
	header header
	pix    []uint8
}

// answers runs the script on frames and returns the descriptors of each.
func answers(t *testing.T, interpreter string, frames ...frame) (all [][]uint8) {
	t.Helper()
	var in bytes.Buffer
	for _, f := range frames {
		if err := binary.Write(&in, binary.LittleEndian, f.header); err != nil {
			t.Fatal(err)
		}
		in.Write(f.pix)
	}
	const settings = `{"contrast_threshold": 0.04, "edge_threshold": 10, "sigma": 1.6, "octave_layers": 3, "threads": 2}`
	cmd := exec.Command(interpreter, "-I", "-c", script, settings)
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	x := &extractor{answers: newReader(bytes.NewReader(out))}
	if err := x.greeting(); err != nil || x.versions.OpenCV == "" {
		t.Fatalf("%+v, %v", x.versions, err)
	}
	for range frames {
		found, err := x.next()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found)
	}
	return all
}
