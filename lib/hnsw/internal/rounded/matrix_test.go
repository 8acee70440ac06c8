package rounded

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"anncapacity/lib/ann"
)

// normal draws vectors around a centre far from the origin, so that centring matters.
func normal(n, d int) ann.Vectors {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(d)))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = 100 + float32(rng.NormFloat64())
	}
	return v
}

func allPairs(t *testing.T, v ann.Vectors, metric ann.Metric) *Matrix {
	t.Helper()
	m, err := AllPairs(context.Background(), v, metric)
	if err != nil || m == nil {
		t.Fatalf("%d × %d: %v, %v", v.N, v.D, m, err)
	}
	return m
}

// Every entry is the distance within the rounding of its two points, for all sizes of the last panel, tile, strip and block.
func TestEveryPair(t *testing.T) {
	for _, shape := range [][2]int{{1, 3}, {2, 1}, {16, 2}, {47, 5}, {49, 64}, {300, 33}, {blockRows + 70, 10}} {
		v := normal(shape[0], shape[1])
		if v.N == 1 {
			v.Data[0] = 0 // one point alone has no distance to scale by
			if m, err := AllPairs(context.Background(), v, ann.Euclidean); m != nil || err != nil {
				t.Fatalf("one point: %v, %v", m, err)
			}
			continue
		}
		m := allPairs(t, v, ann.Euclidean)
		mean := meanOf(v)
		unit := longestFrom(v, mean) / (maxNorm - math.Sqrt(float64(v.D))/2)
		for i := range v.N {
			for j := range v.N {
				got := math.Sqrt(float64(m.Row(int32(i))[j])) * unit
				want := distance(v.Row(i), v.Row(j))
				if off := math.Abs(got - want); off > unit*math.Sqrt(float64(v.D))*1.001+1e-6*want || i == j && got != 0 {
					t.Fatalf("%d × %d: (%d, %d) at %v, must be %v", v.N, v.D, i, j, got, want)
				}
			}
		}
	}
}

func distance(a, b []float32) float64 {
	sum := 0.
	for i := range a {
		sum += (float64(a[i]) - float64(b[i])) * (float64(a[i]) - float64(b[i]))
	}
	return math.Sqrt(sum)
}

func TestInnerProduct(t *testing.T) {
	v := normal(120, 40)
	m := allPairs(t, v, ann.InnerProduct)
	unit := longestFrom(v, make([]float64, v.D)) / (maxNorm - math.Sqrt(float64(v.D))/2)
	for i := range v.N {
		for j := range v.N {
			want := 0.
			for c := range v.D {
				want += float64(v.Row(i)[c]) * float64(v.Row(j)[c])
			}
			if got := float64(m.Row(int32(i))[j]) / -2 * unit * unit; math.Abs(got-want) > 1e-3*want {
				t.Fatalf("⟨%d, %d⟩ = %v, must be %v", i, j, got, want)
			}
		}
	}
}

// All kernels compute the same values, also if intermediate sums wrap around.
func TestTilesAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	p := newPoints(tileColumns+tileRows, 2049)
	for i := range p.data {
		p.data[i] = int16(rng.IntN(1 << 16))
	}
	for i := range p.norm {
		p.norm[i] = int32(rng.Uint32())
	}
	for row := 0; row < tileColumns; row += tileRows {
		for _, column := range []int{0, tileColumns} {
			if column+tileColumns > len(p.norm) {
				t.Fatal("the points are not filled up")
			}
			var want tile
			plainTile(p, row, column, &want)
			for name, compute := range tiles() {
				var got tile
				if compute(p, row, column, &got); got != want {
					t.Fatalf("%s: the tile at (%d, %d) differs from the plain one", name, row, column)
				}
			}
		}
	}
}

func TestSameBytesOnAnyNumberOfCores(t *testing.T) {
	v := normal(500, 30)
	first := allPairs(t, v, ann.Euclidean)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if !slices.Equal(first.values, allPairs(t, v, ann.Euclidean).values) {
		t.Error("one core and several differ")
	}
}

// AllPairs returns nil for vectors that the grid cannot represent.
func TestTooCoarse(t *testing.T) {
	outlier, nan, same := normal(100, 20), normal(100, 20), normal(100, 20)
	outlier.Row(7)[3] = 1e9
	nan.Row(7)[3] = float32(math.NaN())
	for i := range same.N {
		copy(same.Row(i), same.Row(0))
	}
	for name, v := range map[string]ann.Vectors{"outlier": outlier, "NaN": nan} {
		if m, err := AllPairs(context.Background(), v, ann.Euclidean); m != nil || err != nil {
			t.Errorf("%s: %v, %v", name, m != nil, err)
		}
	}
	if m, err := AllPairs(context.Background(), same, ann.Euclidean); err != nil || m != nil && slices.Max(m.values) != 0 {
		t.Errorf("equal vectors: %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := AllPairs(ctx, normal(100, 20), ann.Euclidean); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}
