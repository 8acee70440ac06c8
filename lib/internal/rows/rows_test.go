package rows

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/viterin/vek/vek32"
)

const testRows = 40

// dimensions has rests of every length, and the dimensions that the kernels are made for.
var dimensions = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 31, 50, 128, 768}

// lists has groups with every number of rows left over, and repeated rows.
func lists(rng *rand.Rand) (all [][]int32) {
	for n := range 13 {
		list := make([]int32, n)
		for i := range list {
			list[i] = int32(rng.IntN(testRows))
		}
		all = append(all, list)
	}
	return append(all, []int32{0, testRows - 1, testRows - 1, 0})
}

// The values of float32 are those of plain Go to the last bit, and those of another library except for the last digits.
func TestFloatsAreThoseOfPlainGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, d := range dimensions {
		query, data := floats(rng, d), floats(rng, d*testRows)
		for _, ids := range lists(rng) {
			got, want := make([]float32, len(ids)), make([]float32, len(ids))
			SquaredL2(query, data, ids, got)
			plainSquaredL2(query, data, ids, want)
			if !slices.Equal(got, want) {
				t.Fatalf("d = %d, rows %v: squares %v, want %v", d, ids, got, want)
			}
			for i, id := range ids {
				root := vek32.Distance(query, data[int(id)*d:][:d])
				if math.Abs(math.Sqrt(float64(got[i]))-float64(root)) > 1e-5*float64(1+root) {
					t.Fatalf("d = %d: distance² %v, distance of another library %v", d, got[i], root)
				}
			}
			NegatedProduct(query, data, ids, got)
			plainNegatedProduct(query, data, ids, want)
			if !slices.Equal(got, want) {
				t.Fatalf("d = %d, rows %v: products %v, want %v", d, ids, got, want)
			}
		}
	}
}

// The values of codes are those of plain Go, also with the largest differences.
func TestCodesAreThoseOfPlainGo(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for _, d := range []int{16, 32, 48, 64, 96, 112, 128, 768, MaxCodes - 16, MaxCodes} {
		query, data := codes(rng, d), codes(rng, d*testRows)
		for _, ids := range lists(rng) {
			got, want := make([]float32, len(ids)), make([]float32, len(ids))
			SquaredCodes(query, data, ids, got)
			plainSquaredCodes(query, data, ids, want)
			if !slices.Equal(got, want) || slices.ContainsFunc(got, func(x float32) bool { return x < 0 }) {
				t.Fatalf("d = %d, rows %v: squares %v, want %v", d, ids, got, want)
			}
			NegatedCodes(query, data, ids, got)
			plainNegatedCodes(query, data, ids, want)
			if !slices.Equal(got, want) {
				t.Fatalf("d = %d, rows %v: products %v, want %v", d, ids, got, want)
			}
		}
	}
}

// An ID beyond the rows panics instead of reading other memory.
func TestRowsAreChecked(t *testing.T) {
	for _, id := range []int32{-1, 3, math.MaxInt32} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("row %d of 3: no panic", id)
				}
			}()
			SquaredL2(make([]float32, 8), make([]float32, 24), []int32{0, id}, make([]float32, 2))
		}()
	}
}

func floats(rng *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(rng.NormFloat64())
	}
	return out
}

// codes returns numbers of the whole range, a third of which are extreme.
func codes(rng *rand.Rand, n int) []int8 {
	out := make([]int8, n)
	for i := range out {
		out[i] = []int8{-127, 127, int8(rng.IntN(255) - 127)}[rng.IntN(3)]
	}
	return out
}

func BenchmarkRows(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 0))
	ids, out := make([]int32, 32), make([]float32, 32)
	for _, d := range []int{64, 128, 768} {
		query, data, q8, d8 := floats(rng, d), floats(rng, d*1000), codes(rng, d), codes(rng, d*1000)
		for i := range ids {
			ids[i] = int32(rng.IntN(1000))
		}
		b.Run("float32", func(b *testing.B) {
			for b.Loop() {
				SquaredL2(query, data, ids, out)
			}
		})
		b.Run("codes", func(b *testing.B) {
			for b.Loop() {
				SquaredCodes(q8, d8, ids, out)
			}
		})
		b.Run("vek", func(b *testing.B) {
			for b.Loop() {
				for i, id := range ids {
					out[i] = vek32.Distance(query, data[int(id)*d:][:d])
				}
			}
		})
	}
}
