package exact

import (
	"fmt"
	"math"
	"slices"

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

// frame is how vectors are prepared for the products: centred for squared L2, which changes no distance and keeps ‖a‖²
// small, so that float32 loses less; as they are for the inner product, which has no use for norms.
type frame struct{ mean []float64 } // nil: as they are

func newFrame(v ann.Vectors, metric ann.Metric) frame {
	if metric == ann.InnerProduct {
		return frame{}
	}
	mean := make([]float64, v.D)
	for i := range v.N {
		for j, x := range v.Row(i) {
			mean[j] += float64(x)
		}
	}
	for j := range mean {
		mean[j] /= float64(v.N)
	}
	return frame{mean}
}

// block is a run of prepared vectors with their squared norms, on the device. The last block of a set is filled
// up with zeros, so that every block of a set has one shape and XLA compiles once.
type block struct {
	first, rows int // the vectors first … first+rows−1 of the set
	size        int // rows on the device, ≥ rows
	vectors     *tensors.Tensor
	norms       *tensors.Tensor // ‖x‖², float32
	norm        []float32       // the same, on the host; −∞ for the inner product, of which nothing is ever spoilt
	largest     float32         // of norm
}

// blocksOf cuts v into blocks of size rows.
func (f frame) blocksOf(v ann.Vectors, size int) []*block {
	var blocks []*block
	for first := 0; first < v.N; first += size {
		blocks = append(blocks, f.blockOf(v, first, size))
	}
	return blocks
}

func (f frame) blockOf(v ann.Vectors, first, size int) *block {
	b := &block{first: first, rows: min(size, v.N-first), size: size, norm: make([]float32, size)}
	data := make([]float32, size*v.D)
	parallel.For(b.rows, func(i int) {
		b.norm[i] = f.prepare(v.Row(first+i), data[i*v.D:(i+1)*v.D])
	})
	b.largest = slices.Max(b.norm)
	b.vectors = tensors.FromFlatDataAndDimensions(data, size, v.D)
	b.norms = tensors.FromFlatDataAndDimensions(b.norm, size)
	return b
}

// prepare writes a vector to its row and returns its squared norm.
func (f frame) prepare(vector, row []float32) float32 {
	if f.mean == nil {
		copy(row, vector)
		return float32(math.Inf(-1))
	}
	var norm float64
	for j, x := range vector {
		row[j] = float32(float64(x) - f.mean[j])
		norm += float64(row[j]) * float64(row[j])
	}
	return float32(norm)
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

// kernel computes one block of values: squared L2 distances, or negated inner products.
type kernel struct{ exec *Exec }

func newKernel(metric ann.Metric) (*kernel, error) {
	backend, err := xla.Backend()
	if err != nil {
		return nil, err
	}
	graph := squaredL2
	if metric == ann.InnerProduct {
		graph = negatedProduct
	}
	exec, err := NewExec(backend, graph)
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

// negatedProduct is −a·b for every row of a [n, d] and of b [m, d]: shape [n, m].
func negatedProduct(a, b, _, _ *Node) *Node { return Neg(Einsum("nd,md->nm", a, b)) }

// values calls use with the values between the rows of q and those of b, row-major with b.size columns, as the
// product gives them: pairs mends them. The slice is valid, and read-only, during the call.
func (k *kernel) values(q, b *block, use func(values []float32)) error {
	out, err := k.exec.Call(q.vectors, b.vectors, q.norms, b.norms)
	if err != nil {
		return fmt.Errorf("exact: %w", err)
	}
	defer out[0].FinalizeAll()
	return tensors.ConstFlatData(out[0], use)
}

// pairs are the vectors of two blocks.
type pairs struct {
	queries, base ann.Vectors
	q, b          *block
}

// exact is the value between query i of q and vector j of b: the product's, computed again from the vectors themselves
// where cancellation has spoilt it.
func (p pairs) exact(i, j int, value float32) float32 {
	if value < refineBelow*(p.q.norm[i]+p.b.norm[j]) {
		return ann.SquaredL2(p.queries.Row(p.q.first+i), p.base.Row(p.b.first+j))
	}
	return value
}

// refine mends row[from:], where row[j] is the value between query i of q and vector j of b.
func (p pairs) refine(i int, row []float32, from int) {
	spoilt := refineBelow * (p.q.norm[i] + p.b.largest)
	for j := from; j < len(row); j++ {
		if row[j] < spoilt {
			row[j] = p.exact(i, j, row[j])
		}
	}
}

// root is the L2 distance of a squared one.
func root(squared float32) float32 { return float32(math.Sqrt(float64(squared))) }
