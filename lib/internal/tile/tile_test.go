package tile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// plain does what compute does. Coordinates of 12 bits keep the sums in double precision exact,
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
		if k.Words {
			continue
		}
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
			k.compute(&got, d, a, b, rowNorms, columnNorms, limits)
			same(t, k, d, &got, &want)
		}
	}
}

func same(t *testing.T, k *Kernel, steps int, got, want *Tile) {
	t.Helper()
	for i := range want.Values {
		if x, y := got.Values[i], want.Values[i]; x != y && (x == x || y == y) {
			t.Fatalf("%d × %d, %d steps: value %d is %v, want %v", k.Rows, k.Columns, steps, i, x, y)
		}
	}
	if got.AtMost != want.AtMost {
		t.Fatalf("%d × %d, %d steps: bits %x, want %x", k.Rows, k.Columns, steps, got.AtMost, want.AtMost)
	}
}

// words returns n pairs of words whose sums of products stay below 2³¹, also if all are the largest.
func words(rng *rand.Rand, n, pairs int) []int32 {
	most := int(math.Sqrt(math.MaxInt32 / (2 * float64(pairs))))
	x := make([]int32, n)
	for i := range x {
		low, high := rng.IntN(2*most+1)-most, rng.IntN(2*most+1)-most
		if rng.IntN(4) == 0 {
			low, high = most, -most
		}
		x[i] = int32(uint16(int16(low))) | int32(high)<<16
	}
	return x
}

// Every kernel for words gives the values of plain Go, bit for bit, up to the largest sums.
func TestWords(t *testing.T) {
	if BestWords() == nil {
		t.Skip("this CPU has no AVX-512 VNNI")
	}
	for _, k := range Kernels() {
		if !k.Words {
			continue
		}
		rng := rand.New(rand.NewPCG(4, 0))
		for round := range 300 {
			pairs := 1 + round%40
			a, b := words(rng, pairs*k.Rows, pairs), words(rng, pairs*k.Columns, pairs)
			rowUnits, columnUnits := short(rng, k.Rows), short(rng, k.Columns)
			rowNorms, columnNorms, limits := short(rng, k.Rows), short(rng, k.Columns), make([]float32, k.Rows)
			columnNorms[rng.IntN(k.Columns)] = float32(math.NaN())
			var got, want Tile
			for r := range k.Rows {
				for c := range k.Columns {
					var sum int64
					for p := range pairs {
						x, y := a[p*k.Rows+r], b[p*k.Columns+c]
						sum += int64(int16(x))*int64(int16(y)) + int64(x>>16)*int64(y>>16)
					}
					product := float32(float32(sum) * float32(rowUnits[r]*columnUnits[c]))
					want.Values[r*k.Columns+c] = float32(rowNorms[r]+columnNorms[c]) + product
				}
				limits[r] = want.Values[r*k.Columns+rng.IntN(k.Columns)]
				for c, value := range want.Values[r*k.Columns:][:k.Columns] {
					if value <= limits[r] {
						want.AtMost[r] |= 1 << c
					}
				}
			}
			k.computeWords(&got, pairs, a, b, rowUnits, columnUnits, rowNorms, columnNorms, limits)
			same(t, k, pairs, &got, &want)
		}
	}
}

func BenchmarkCompute(b *testing.B) {
	for _, k := range Kernels() {
		for _, d := range []int{128, 2048} {
			b.Run(fmt.Sprintf("%dx%d/words=%v/d=%d", k.Rows, k.Columns, k.Words, d), func(b *testing.B) {
				rng, tile := rand.New(rand.NewPCG(3, 0)), Tile{}
				zeros := make([]float32, mostColumns)
				if k.Words {
					x, y := words(rng, d/2*k.Rows, d/2), words(rng, d/2*k.Columns, d/2)
					for b.Loop() {
						k.computeWords(&tile, d/2, x, y, zeros, zeros, zeros, zeros, zeros)
					}
				} else {
					x, y := short(rng, d*k.Rows), short(rng, d*k.Columns)
					for b.Loop() {
						k.compute(&tile, d, x, y, zeros, zeros, zeros)
					}
				}
				b.ReportMetric(2*float64(k.Rows*k.Columns*d)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gop/s")
			})
		}
	}
}
