package scenery

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"sync"
	"testing"
)

// The bytes of the first hundred pictures must be the same on every machine and in every version of Go.
func TestBytesNeverChange(t *testing.T) {
	h := sha256.New()
	for i := range 100 {
		h.Write(Render(42, i))
	}
	const want = "22979a994c34495679d8ae2cf2bb922bde750d832343a44addb915f4420de03f"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("sha256 of pictures 0…99 of seed 42 is %s, want %s", got, want)
	}
}

// A picture depends only on its seed and number, not on concurrent calls.
func TestRenderIsAFunction(t *testing.T) {
	const n = 40
	var together [n][]uint8
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { together[i] = Render(7, i) })
	}
	group.Wait()
	for i := n - 1; i >= 0; i-- {
		if !slices.Equal(together[i], Render(7, i)) {
			t.Errorf("picture %d differs when others are rendered beside it", i)
		}
		if slices.Equal(together[i], Render(8, i)) {
			t.Errorf("picture %d is the same for seeds 7 and 8", i)
		}
	}
}

// Nearest neighbours by 6 × 6 thumbnails share the class far more often than one time in ten. Yet the classes overlap:
// for most pictures, a picture of another class is nearer than the farthest of the same class.
func TestClassesDifferAndVary(t *testing.T) {
	const n = 600
	var thumbs [n][]float64
	for i := range thumbs {
		thumbs[i] = thumbnail(Render(42, i))
	}
	same, overlapping := 0, 0
	for i, a := range thumbs {
		nearest, nearestOther, farthestOwn := -1, math.Inf(1), 0.0
		best := math.Inf(1)
		for j, b := range thumbs {
			d := squaredL2(a, b)
			switch {
			case i == j:
				continue
			case Class(i) == Class(j):
				farthestOwn = max(farthestOwn, d)
			default:
				nearestOther = min(nearestOther, d)
			}
			if d < best {
				best, nearest = d, j
			}
		}
		if best == 0 {
			t.Errorf("pictures %d and %d look the same", i, nearest)
		}
		if Class(i) == Class(nearest) {
			same++
		}
		if nearestOther < farthestOwn {
			overlapping++
		}
	}
	t.Logf("%d of %d nearest neighbours share the class; %d of %d pictures overlap with another class", same, n, overlapping, n)
	if same < n/2 {
		t.Errorf("%d of %d nearest neighbours share the class, want at least half", same, n)
	}
	if overlapping < n/2 {
		t.Errorf("%d of %d pictures have one of another class nearer than their farthest own, want at least half", overlapping, n)
	}
}

// thumbnail returns the mean colours of 16 × 16 squares.
func thumbnail(pix []uint8) []float64 {
	out := make([]float64, 6*6*3)
	for i, v := range pix {
		x, y := i/3%Side, i/3/Side
		out[(y/16*6+x/16)*3+i%3] += float64(v) / 256
	}
	return out
}

func squaredL2(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return sum
}

func TestArithmetic(t *testing.T) {
	for v := -3 * one; v <= 3*one; v += 977 {
		x := float64(v) / float64(one)
		if got, want := float64(sin(v))/float64(one), math.Sin(2*math.Pi*x); math.Abs(got-want) > 0.0015 {
			t.Errorf("sin of %v turns is %v, want %v", x, got, want)
		}
		if got, want := float64(sqrt(v))/float64(one), math.Sqrt(max(x, 0)); math.Abs(got-want) > 0.0001 {
			t.Errorf("sqrt(%v) = %v, want %v", x, got, want)
		}
		if got := noise(v, 3*v, 5); got < 0 || got > one {
			t.Errorf("noise at %v is %v, want 0…1", x, got)
		}
	}
	if low, middle, high := smooth(pc(20), pc(40), pc(19)), smooth(pc(20), pc(40), pc(30)), smooth(pc(20), pc(40), pc(41)); low != 0 ||
		abs(middle-one/2) > 16 || high != one {
		t.Errorf("smooth below, in the middle and above: %d, %d, %d", low, middle, high)
	}
}

// The reported distance is that of the nearest centre.
func TestCellAt(t *testing.T) {
	for k := range q(200) {
		x, y := k*7919, k*10007-5*one
		c := cellAt(x, y, 3)
		if c.nearest > c.second || c.second > 3*one {
			t.Errorf("cell at %d, %d: distances %d and %d", x, y, c.nearest, c.second)
		}
		if d := sqrt(mul(c.x, c.x) + mul(c.y, c.y)); abs(d-c.nearest) > 4 {
			t.Errorf("cell at %d, %d: offset of length %d, nearest %d", x, y, d, c.nearest)
		}
	}
}
