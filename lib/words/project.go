package words

import (
	"fmt"
	"math"
	"math/rand/v2"

	"anncapacity/lib/ann"
)

// A Projection is a method to reduce the dimension of vectors.
type Projection string

// The projections.
const (
	Leading Projection = "leading dimensions"
	Random  Projection = "random projection" // by a matrix of independent N(0, 1/d) entries, which preserves squared distances in the mean (Johnson & Lindenstrauss 1984)
)

// Project returns v projected to d dimensions, 1 ≤ d ≤ v.D. The same seed gives the same result.
func Project(v ann.Vectors, p Projection, d int, seed uint64) (ann.Vectors, error) {
	if d < 1 || d > v.D {
		return ann.Vectors{}, fmt.Errorf("projection to %d of %d dimensions", d, v.D)
	}
	low := ann.Vectors{N: v.N, D: d, Data: make([]float32, v.N*d)}
	switch p {
	case Leading:
		for i := range v.N {
			copy(low.Row(i), v.Row(i))
		}
	case Random:
		matrix := gaussian(v.D*d, 1/math.Sqrt(float64(d)), seed)
		for i := range v.N {
			multiply(matrix, v.Row(i), low.Row(i))
		}
	default:
		return ann.Vectors{}, fmt.Errorf("projection %q: must be %q or %q", p, Leading, Random)
	}
	return low, nil
}

// gaussian returns n normal numbers of mean 0 and standard deviation scale.
func gaussian(n int, scale float64, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	numbers := make([]float64, n)
	for i := range numbers {
		numbers[i] = scale * r.NormFloat64()
	}
	return numbers
}

// multiply sets out to the product of x (1 × D) and matrix (D × len(out)).
func multiply(matrix []float64, x, out []float32) {
	for j := range out {
		var sum float64
		for i, value := range x {
			sum += float64(value) * matrix[i*len(out)+j]
		}
		out[j] = float32(sum)
	}
}
