package partition

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/xla"
)

// assigner finds the nearest centroid of vectors. It computes ‖c‖² − 2x·c, which is the squared distance less ‖x‖², as one
// product of [x 1] and [−2c ‖c‖²], for one block of vectors after another. Vectors and centroids are first moved by the mean of
// the vectors, so that fewer digits cancel.
type assigner struct {
	mean     []float32
	clusters int
	size     int // vectors in a block
	exec     *Exec
	// columns holds the centroids of every call. XLA keeps the columns of former calls packed and identifies them by their
	// address, so no columns may be released while exec is in use.
	columns []*tensors.Tensor
}

// blockValues is the number of values of a block, 4 MB.
const blockValues = 1 << 20

// Bounds of the number of vectors in a block. Blocks must not depend on the number of cores.
const (
	leastRows = 128
	mostRows  = 4096
)

func newAssigner(v ann.Coordinates, clusters int) (*assigner, error) {
	backend, err := xla.Backend()
	if err != nil {
		return nil, err
	}
	exec, err := NewExec(backend, func(rows, columns *Node) *Node { return Dot(rows, columns).MatMul() })
	if err != nil {
		return nil, fmt.Errorf("partition: %w", err)
	}
	size := min(v.N, max(leastRows, min(mostRows, blockValues/clusters)))
	return &assigner{mean: meanOf(v), clusters: clusters, size: size, exec: exec}, nil
}

func (a *assigner) release() {
	a.exec.Finalize()
	for _, c := range a.columns {
		c.FinalizeAll()
	}
}

// meanOf returns the mean of the vectors.
func meanOf(v ann.Coordinates) []float32 {
	const chunk = 1 << 14
	sums := make([][]float64, (v.N+chunk-1)/chunk)
	parallel.For(len(sums), func(c int) {
		sum, scratch := make([]float64, v.D), make([]float32, v.D)
		for i := c * chunk; i < min((c+1)*chunk, v.N); i++ {
			for j, x := range v.Row(i, scratch) {
				sum[j] += float64(x)
			}
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

// assign sets assignment[i] to the nearest centroid of vector i, ties to the lower ID, and returns the sum of the squared
// distances.
func (a *assigner) assign(ctx context.Context, v ann.Coordinates, centroids ann.Vectors, assignment []int32) (float64, error) {
	b, err := a.newBlocks(v, centroids)
	if err != nil {
		return 0, err
	}
	defer b.rows.FinalizeAll()
	inertia := 0.
	for first := 0; first < v.N; first += a.size {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		sum, err := b.assign(first, assignment[first:min(first+a.size, v.N)])
		if err != nil {
			return 0, err
		}
		inertia += sum
	}
	return inertia, nil
}

// newBlocks returns an empty block for the vectors.
func (a *assigner) newBlocks(v ann.Coordinates, centroids ann.Vectors) (*blocks, error) {
	backend, err := xla.Backend()
	if err != nil {
		return nil, err
	}
	rows, err := tensors.FromShapeForBackend(backend, 0, shapes.Make(dtypes.Float32, a.size, v.D+1))
	if err != nil {
		return nil, fmt.Errorf("partition: %w", err)
	}
	columns, longest := a.prepareCentroids(centroids)
	a.columns = append(a.columns, columns)
	return &blocks{a, v, centroids, columns, longest, rows, make([]float64, a.size), make([]float64, (a.size+tile-1)/tile)}, nil
}

// prepareCentroids returns the centroids as columns −2c with a last row ‖c‖², and the length of the longest.
func (a *assigner) prepareCentroids(centroids ann.Vectors) (columns *tensors.Tensor, longest float64) {
	d, n := centroids.D, centroids.N
	data := make([]float32, (d+1)*n)
	for c := range n {
		norm := 0.
		for j, x := range centroids.Row(c) {
			y := x - a.mean[j]
			data[j*n+c] = -2 * y
			norm += float64(y) * float64(y)
		}
		data[d*n+c] = float32(norm)
		longest = max(longest, norm)
	}
	return tensors.FromFlatDataAndDimensions(data, d+1, n), math.Sqrt(longest)
}

// blocks assigns one block of vectors at a time. The product of a block runs on all cores; calls of exec must not overlap.
type blocks struct {
	*assigner
	vectors   ann.Coordinates
	centroids ann.Vectors
	columns   *tensors.Tensor
	longest   float64         // length of the longest centroid, moved by the mean
	rows      *tensors.Tensor // size × (d + 1)
	lengths   []float64       // of the vectors of the block, moved by the mean
	sums      []float64       // of the squared distances, by tile
}

// tile is the number of vectors that are handled by one core at a time.
const tile = 64

// assign assigns the vectors that begin with first and returns the sum of their squared distances.
func (b *blocks) assign(first int, assignment []int32) (sum float64, err error) {
	if err := b.values(first, len(assignment), func(values []float32) { b.read(values, first, assignment) }); err != nil {
		return 0, err
	}
	for _, s := range b.sums[:(len(assignment)+tile-1)/tile] {
		sum += s
	}
	return sum, nil
}

// values computes the values of count vectors from first on and passes them to use, one row of all centroids for each vector.
func (b *blocks) values(first, count int, use func(values []float32)) error {
	if err := tensors.MutableFlatData(b.rows, func(rows []float32) { b.fill(rows, first, count) }); err != nil {
		return fmt.Errorf("partition: %w", err)
	}
	out, err := b.exec.Call(b.rows, b.columns)
	if err != nil {
		return fmt.Errorf("partition: %w", err)
	}
	defer out[0].FinalizeAll()
	if err := tensors.ConstFlatData(out[0], use); err != nil {
		return fmt.Errorf("partition: %w", err)
	}
	return nil
}

// fill writes count vectors from first on, moved by the mean and followed by 1, and sets their lengths.
func (b *blocks) fill(rows []float32, first, count int) {
	d := b.vectors.D
	parallel.For((count+tile-1)/tile, func(t int) {
		scratch := make([]float32, d)
		for i := t * tile; i < min((t+1)*tile, count); i++ {
			row := rows[i*(d+1) : (i+1)*(d+1)]
			var s0, s1 float32
			for j, x := range b.vectors.Row(first+i, scratch) {
				y := x - b.mean[j]
				row[j] = y
				s0, s1 = s1, s0+y*y
			}
			row[d] = 1
			b.lengths[i] = math.Sqrt(float64(s0 + s1))
		}
	})
}

// read sets the assignment of a block from its values, and sums.
func (b *blocks) read(values []float32, first int, assignment []int32) {
	parallel.For((len(assignment)+tile-1)/tile, func(t int) {
		r := reader{b, make([]float32, b.vectors.D), make([]int32, 0, tile)}
		b.sums[t] = 0
		for i := t * tile; i < min((t+1)*tile, len(assignment)); i++ {
			var distance float64
			assignment[i], distance = r.nearest(first+i, values[i*b.clusters:(i+1)*b.clusters], b.margin(b.lengths[i]))
			b.sums[t] += distance
		}
	})
}

// tiny is added to the margin for squares that lose digits because float32 underflows.
const tiny = 1. / (1 << 50) / (1 << 50)

// margin returns the greatest difference by which rounding can exchange the order of two values of a vector of the given length.
// The sum of d + 1 products, and the rounding of their factors, change a value by at most (d + 16)·2⁻²⁴·(‖x‖ + ‖c‖)².
func (b *blocks) margin(length float64) float32 {
	reach := length*(1+1e-4) + b.longest
	return float32(2*float64(b.vectors.D+16)/(1<<24)*reach*reach + tiny)
}

// reader is the memory that reading values takes.
type reader struct {
	*blocks
	row  []float32
	near []int32
}

// nearest returns the nearest centroid of vector i, given its values, and the squared distance.
func (r *reader) nearest(i int, values []float32, margin float32) (int32, float64) {
	near, best, limit := r.near[:0], float32(math.Inf(1)), float32(math.Inf(1))
	for c, value := range values {
		if value <= limit {
			near = append(near, int32(c))
			if value < best {
				best, limit = value, value+margin
			}
		}
	}
	r.near = near
	row, nearest, distance := r.vectors.Row(i, r.row), int32(-1), math.Inf(1)
	for _, c := range near {
		if values[c] > limit {
			continue
		}
		if d := squared(row, r.centroids.Row(int(c))); d < distance {
			nearest, distance = c, d
		}
	}
	return nearest, distance
}
