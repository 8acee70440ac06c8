package tile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// plain does what Compute does. Coordinates of 12 bits keep the sums in double precision exact,
// so that each is rounded once.
func (k *Kernel) plain(t *Tile, d int, a, b, rowNorms, columnNorms, limits []float32) {
	for r := range k.Rows {
		t.AtMost[r] = 0
		for c := range k.Columns {
			sum := float32(0)
			for j := range d {
				sum = float32(math.FMA(float64(a[j*k.Rows+r]), float64(b[j*k.Columns+c]), float64(sum)))
			}
			value := float32(rowNorms[r]+columnNorms[c]) + sum
			if t.Values[r*k.Columns+c] = value; value <= limits[r] {
				t.AtMost[r] |= 1 << c
			}
		}
	}
}

// short returns n numbers of 12 bits with exponents that differ.
func short(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Ldexp(float64(rng.IntN(1<<13)-1<<12), -rng.IntN(5)))
	}
	return x
}

// Every kernel of this CPU gives the values of plain Go, bit for bit, and compares them with the limits: equal ones, infinities and NaN
// too. It reads and writes nothing beyond its arguments.
func TestKernels(t *testing.T) {
	if Best() == nil {
		t.Skip("this CPU has neither AVX-512 nor AVX2 with FMA")
	}
	special := []float32{0, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}
	for _, k := range Kernels() {
		rng := rand.New(rand.NewPCG(3, 0))
		for round := range 300 {
			d := 1 + round%40
			a, b := short(rng, d*k.Rows), short(rng, d*k.Columns)
			rowNorms, columnNorms, limits := short(rng, k.Rows), short(rng, k.Columns), short(rng, k.Rows)
			var got, want Tile
			for r := range limits {
				switch rng.IntN(3) {
				case 0:
					limits[r] = special[rng.IntN(len(special))]
				case 1:
					k.plain(&want, d, a, b, rowNorms, columnNorms, limits)
					limits[r] = want.Values[r*k.Columns+rng.IntN(k.Columns)]
				}
			}
			columnNorms[rng.IntN(k.Columns)] = float32(math.NaN())
			want = Tile{}
			k.plain(&want, d, a, b, rowNorms, columnNorms, limits)
			k.Compute(&got, d, a, b, rowNorms, columnNorms, limits)
			for i := range want.Values {
				if x, y := got.Values[i], want.Values[i]; x != y && (x == x || y == y) {
					t.Fatalf("%d × %d, %d dimensions: value %d is %v, want %v", k.Rows, k.Columns, d, i, x, y)
				}
			}
			if got.AtMost != want.AtMost {
				t.Fatalf("%d × %d, %d dimensions: bits %x, want %x", k.Rows, k.Columns, d, got.AtMost, want.AtMost)
			}
		}
	}
}

func BenchmarkCompute(b *testing.B) {
	for _, k := range Kernels() {
		for _, d := range []int{128, 2048} {
			b.Run(fmt.Sprintf("%dx%d/d=%d", k.Rows, k.Columns, d), func(b *testing.B) {
				rng, tile := rand.New(rand.NewPCG(3, 0)), Tile{}
				x, y, zeros := short(rng, d*k.Rows), short(rng, d*k.Columns), make([]float32, mostColumns)
				for b.Loop() {
					k.Compute(&tile, d, x, y, zeros, zeros, zeros)
				}
				b.ReportMetric(2*float64(k.Rows*k.Columns*d)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
