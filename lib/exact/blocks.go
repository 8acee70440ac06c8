package exact

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/xla"
)

// blockRows is how many vectors one side of a block holds at most. Measured on 10,000 × 2048 with 2 cores: 2,500 rows
// 1.35 s, 1,250 rows 1.28 s (less of the blocks on the diagonal is computed twice), 500 rows 1.6 s.
const blockRows = 1250

// refineBelow is the share of ‖a‖² + ‖b‖² under which ‖a‖² + ‖b‖² − 2a·b has lost more than about four of
// float32's seven digits: such pairs (near duplicates) are computed again as Σ (aᵢ − bᵢ)².
const refineBelow = 1e-2

// center is the mean of the rows. Taking it off every vector changes no L2 distance and keeps ‖a‖² small, so
// float32 loses less.
func center(v ann.Vectors) []float64 {
	mean := make([]float64, v.D)
	for i := range v.N {
		for j, x := range v.Row(i) {
			mean[j] += float64(x)
		}
	}
	for j := range mean {
		mean[j] /= float64(v.N)
	}
	return mean
}

// block is a run of centred vectors with their squared norms, on the device. The last block of a set is filled
// up with zeros, so that every block of a set has one shape and XLA compiles once.
type block struct {
	first, rows int // the vectors first … first+rows−1 of the set
	size        int // rows on the device, ≥ rows
	vectors     *tensors.Tensor
	norms       *tensors.Tensor // ‖x‖², float32
	norm        []float32       // the same, on the host
}

// blocksOf cuts v into blocks of size rows.
func blocksOf(v ann.Vectors, mean []float64, size int) []*block {
	var blocks []*block
	for first := 0; first < v.N; first += size {
		blocks = append(blocks, blockOf(v, mean, first, size))
	}
	return blocks
}

func blockOf(v ann.Vectors, mean []float64, first, size int) *block {
	b := &block{first: first, rows: min(size, v.N-first), size: size, norm: make([]float32, size)}
	data := make([]float32, size*v.D)
	parallel.For(b.rows, func(i int) {
		var norm float64
		row := data[i*v.D : (i+1)*v.D]
		for j, x := range v.Row(first + i) {
			row[j] = float32(float64(x) - mean[j])
			norm += float64(row[j]) * float64(row[j])
		}
		b.norm[i] = float32(norm)
	})
	b.vectors = tensors.FromFlatDataAndDimensions(data, size, v.D)
	b.norms = tensors.FromFlatDataAndDimensions(b.norm, size)
	return b
}

func release(blocks []*block) {
	for _, b := range blocks {
		b.vectors.FinalizeAll()
		b.norms.FinalizeAll()
	}
}

// blockSize shares n rows evenly among as few blocks as blockRows allows.
func blockSize(n int) int {
	blocks := (n + blockRows - 1) / blockRows
	return (n + blocks - 1) / blocks
}

// kernel computes one block of squared distances.
type kernel struct{ exec *Exec }

func newKernel() (*kernel, error) {
	backend, err := xla.Backend()
	if err != nil {
		return nil, err
	}
	exec, err := NewExec(backend, squaredL2)
	if err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	return &kernel{exec}, nil
}

func (k *kernel) release() { k.exec.Finalize() }

// squaredL2 is max(0, ‖a‖² + ‖b‖² − 2a·b) for every row of a [n, d] and of b [m, d]: shape [n, m].
func squaredL2(a, b, normA, normB *Node) *Node {
	product := Einsum("nd,md->nm", a, b)
	sum := Add(InsertAxes(normA, 1), InsertAxes(normB, 0))
	return MaxScalar(Sub(sum, MulScalar(product, 2)), 0)
}

// distances calls use with the squared distances between the rows of q and those of b, row-major with b.size
// columns, as the product gives them: refine mends a row. The slice is valid, and read-only, during the call.
func (k *kernel) distances(q, b *block, use func(squared []float32)) error {
	out, err := k.exec.Exec(q.vectors, b.vectors, q.norms, b.norms)
	if err != nil {
		return fmt.Errorf("exact: %w", err)
	}
	defer out[0].FinalizeAll()
	return tensors.ConstFlatData(out[0], use)
}

// pairs recomputes, from the vectors themselves, the distances that cancellation has spoilt.
type pairs struct {
	queries, base ann.Vectors
	q, b          *block
}

// refine mends row[from:], where row[j] is the squared distance of query i of q to vector j of b.
func (p pairs) refine(i int, row []float32, from int) {
	norm := p.q.norm[i]
	for j := from; j < len(row); j++ {
		if row[j] < refineBelow*(norm+p.b.norm[j]) {
			row[j] = ann.SquaredL2(p.queries.Row(p.q.first+i), p.base.Row(p.b.first+j))
		}
	}
}

// root is the L2 distance of a squared one.
func root(squared float32) float32 { return float32(math.Sqrt(float64(squared))) }
