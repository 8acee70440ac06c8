package partition

import (
	"cmp"
	"context"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/tile"
	"anncapacity/lib/internal/vec"
	"anncapacity/lib/internal/xla"
)

// assigner compares vectors with centroids. It computes ‖c‖² − 2x·c in float32, which is the squared distance less ‖x‖², by the
// kernels of this CPU, from words of 16 bits if it has a kernel for them, or by XLA if it has none, or if GOMLX_BACKEND names a backend.
// Vectors and centroids are first moved by the mean of the vectors, so that fewer digits cancel.
type assigner struct {
	mean    []float32
	centre  []float64    // the mean
	size    int          // vectors in a block
	kernel  *tile.Kernel // nil if XLA computes the values
	product *product     // nil if the kernel does
}

// blockValues is the number of values of a block, 4 MB.
const blockValues = 1 << 20

// Bounds of the number of vectors in a block. Blocks must not depend on the number of cores.
const (
	leastRows = 128
	mostRows  = 4096
)

func newAssigner(v ann.Coordinates, clusters int) (*assigner, error) {
	if xla.Named() {
		return newAssignerOn(nil, v, clusters)
	}
	return newAssignerOn(cmp.Or(tile.BestWords(), tile.Best()), v, clusters)
}

// newAssignerOn returns an assigner for a kernel, or for XLA if it is nil.
func newAssignerOn(kernel *tile.Kernel, v ann.Coordinates, clusters int) (a *assigner, err error) {
	a = &assigner{mean: meanOf(v), size: min(v.N, max(leastRows, min(mostRows, blockValues/clusters))), kernel: kernel}
	for _, x := range a.mean {
		a.centre = append(a.centre, float64(x))
	}
	if kernel == nil {
		a.product, err = newProduct()
	}
	return a, err
}

func (a *assigner) release() {
	if a.product != nil {
		a.product.release()
	}
}

// meanOf returns the mean of the vectors.
func meanOf(v ann.Coordinates) []float32 {
	const chunk = 1 << 14
	sums := make([][]float64, (v.N+chunk-1)/chunk)
	parallel.For(len(sums), func(c int) {
		sum, scratch := make([]float64, v.D), make([]float32, v.D)
		for i := c * chunk; i < min((c+1)*chunk, v.N); i++ {
			vec.AddScaled(sum, v.Row(i, scratch), 1)
		}
		sums[c] = sum
	})
	mean := make([]float32, v.D)
	for j := range mean {
		total := 0.
		for _, sum := range sums {
			total += sum[j]
		}
		mean[j] = float32(total / float64(v.N))
	}
	return mean
}

// move sets row to a vector, moved by the mean and multiplied by a power of two. It returns the squared length of the moved vector.
func (a *assigner) move(row, vector []float32, factor float64) float64 {
	vec.Center(row, vector, 1, a.centre, factor)
	return vec.SquaredL2(vector, a.mean)
}

// tileVectors is the number of vectors of a block whose squared distances are summed up before the sums are. The digits of the inertia
// depend on it.
const tileVectors = 64

// assign sets assignment[i] to the nearest centroid of vector i, ties to the lower ID, and returns the sum of the squared
// distances. The fewest values are looked at if the centroids that it held before are near.
func (a *assigner) assign(ctx context.Context, v ann.Coordinates, centroids ann.Vectors, assignment []int32) (float64, error) {
	tiles := (a.size + tileVectors - 1) / tileVectors // of a block
	sums := make([]float64, (v.N+a.size-1)/a.size*tiles)
	s := a.newSearch(v, centroids, NearOptions{K: 1})
	s.guess = assignment
	err := s.run(ctx, func() use {
		return func(i int, vector []float32, near []int32) {
			var distance float64
			assignment[i], distance = nearest(vector, centroids, near)
			sums[i/a.size*tiles+i%a.size/tileVectors] += distance
		}
	})
	inertia := 0.
	for first := 0; first < len(sums); first += tiles {
		sum := 0.
		for _, s := range sums[first : first+tiles] {
			sum += s
		}
		inertia += sum
	}
	return inertia, err
}

// nearest returns the nearest of the centroids near, which are in ascending order, and its squared distance.
func nearest(vector []float32, centroids ann.Vectors, near []int32) (int32, float64) {
	nearest, least := int32(-1), math.Inf(1)
	for _, c := range near {
		if d := vec.SquaredL2(vector, centroids.Row(int(c))); d < least {
			nearest, least = c, d
		}
	}
	return nearest, least
}
