package exact

import (
	"fmt"
	"slices"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/xla"
)

// blockRows is how many vectors one side of a block holds at most. All pairs of 10,000 × 2048 with 2 cores: 667 rows 0.99 s,
// 1,000 rows 1.02 s with half as many blocks, 1,667 rows 1.08 s (more of the blocks on the diagonal is computed twice).
const blockRows = 1000

// refineBelow is the share of ‖a‖² + ‖b‖² under which ‖a‖² + ‖b‖² − 2a·b has lost more than about four of
// float32's seven digits: such pairs (near duplicates) are computed again as Σ (aᵢ − bᵢ)².
const refineBelow = 1e-2

// tiny is added to that bound: squares below it may have lost digits to float32's least exponent.
const tiny = 1. / (1 << 50) / (1 << 50)

// block is some prepared vectors with their squared norms, on the device. The last block of a set is filled up with zeros, so
// that every block of a set has one shape and XLA compiles once.
type block struct {
	ids     []int32         // the vectors of the set that it holds
	size    int             // room, ≥ len(ids)
	vectors *tensors.Tensor // size × d; of a block of columns d × size
	norms   *tensors.Tensor // ‖x‖², float32
	norm    []float32       // the same, on the host; −∞ for the inner product, of which nothing is ever spoilt
	largest float32         // of norm
}

// blocks shares the vectors ids of p evenly among as few blocks as blockRows allows, each made by f.rowBlock or
// f.columnBlock.
func blocks(p *points, ids []int32, make func(p *points, ids []int32, size int) (*block, error)) ([]*block, error) {
	var all []*block
	size := blockSize(len(ids))
	for chunk := range slices.Chunk(ids, size) {
		b, err := make(p, chunk, size)
		if err != nil {
			release(all)
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

func (f *frame) rowBlock(p *points, ids []int32, size int) (*block, error) {
	return newBlock(ids, size, []int{size, p.D}, func(rows, norm []float32) {
		parallel.For(len(ids), func(i int) {
			norm[i] = f.prepare(p, int(ids[i]), rows[i*p.D:(i+1)*p.D])
		})
	})
}

// columnBlock holds its vectors side by side, which is how XLA multiplies fastest.
func (f *frame) columnBlock(p *points, ids []int32, size int) (*block, error) {
	scratch := sync.Pool{New: func() any {
		rows := make([]float32, tile*p.D)
		return &rows
	}}
	return newBlock(ids, size, []int{p.D, size}, func(columns, norm []float32) {
		parallel.For((len(ids)+tile-1)/tile, func(t int) {
			held := scratch.Get().(*[]float32)
			defer scratch.Put(held)
			rows := *held
			first, last := t*tile, min((t+1)*tile, len(ids))
			for i := first; i < last; i++ {
				norm[i] = f.prepare(p, int(ids[i]), rows[(i-first)*p.D:][:p.D])
			}
			for j := range p.D {
				coordinate := columns[j*size+first : j*size+last]
				for i := range coordinate {
					coordinate[i] = rows[i*p.D+j]
				}
			}
		})
	})
}

// newBlock is a block of the given room and shape; fill writes its vectors and their norms, which are zeros before.
func newBlock(ids []int32, size int, dims []int, fill func(vectors, norm []float32)) (*block, error) {
	backend, err := xla.Backend()
	if err != nil {
		return nil, err
	}
	vectors, err := tensors.FromShapeForBackend(backend, 0, shapes.Make(dtypes.Float32, dims...))
	if err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	norm := make([]float32, size)
	if err := tensors.MutableFlatData(vectors, func(flat []float32) { fill(flat, norm) }); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	return &block{ids, size, vectors, tensors.FromFlatDataAndDimensions(norm, size), norm, slices.Max(norm)}, nil
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

// inOrder is the IDs 0 … n−1.
func inOrder(n int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(i)
	}
	return ids
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

// squaredL2 is max(0, ‖a‖² + ‖b‖² − 2a·b) for every row of a [n, d] and column of b [d, m]: shape [n, m].
func squaredL2(a, b, normA, normB *Node) *Node {
	product := Dot(a, b).MatMul()
	sum := Add(InsertAxes(normA, 1), InsertAxes(normB, 0))
	return MaxScalar(Sub(sum, MulScalar(product, 2)), 0)
}

// negatedProduct is −a·b for every row of a [n, d] and column of b [d, m]: shape [n, m].
func negatedProduct(a, b, _, _ *Node) *Node { return Neg(Dot(a, b).MatMul()) }

// values calls use with the values between rows and columns, row-major with columns.size to a row, as the product gives
// them: pairs mends them. The slice is valid, and read-only, during the call.
//
// XLA keeps the columns of the last call packed, and knows them by their address alone. So one block of columns should stay
// while rows pass by, which takes a quarter less time; and no block of columns may be released while the kernel lives, or
// another in its place would be taken for it.
func (k *kernel) values(rows, columns *block, use func(values []float32)) error {
	out, err := k.exec.Call(rows.vectors, columns.vectors, rows.norms, columns.norms)
	if err != nil {
		return fmt.Errorf("exact: %w", err)
	}
	defer out[0].FinalizeAll()
	return tensors.ConstFlatData(out[0], use)
}

// pairs are the vectors of a block of rows with those of a block of columns.
type pairs struct {
	rows, columns      *points // of which the blocks hold some
	rowBlock, colBlock *block
	scale              float64 // the frame's
}

// diagonal says whether both blocks hold the same vectors, where both are of one set.
func (p pairs) diagonal() bool { return p.rowBlock.ids[0] == p.colBlock.ids[0] }

// spoilt is the value under which cancellation, or float32's least exponent, has spoilt the products of two vectors with these
// squared norms.
func spoilt(a, b float32) float32 { return refineBelow*(a+b) + tiny }

// exact is the value between row i and column j: the product's, computed again from the vectors themselves where it is spoilt.
func (p *pairs) exact(i, j int, value float32) float32 {
	if value >= spoilt(p.rowBlock.norm[i], p.colBlock.norm[j]) {
		return value
	}
	row, column := int(p.rowBlock.ids[i]), int(p.colBlock.ids[j])
	if p.rows.metric == ann.Euclidean && p.scale == 1 {
		return ann.SquaredL2(p.rows.Row(row), p.columns.Row(column))
	}
	return float32(p.columns.value(p.rows, row, column) * (p.scale * p.scale))
}

// refine mends values[from:], where values[j] is the value between row i and column j.
func (p *pairs) refine(i int, values []float32, from int) {
	limit := spoilt(p.rowBlock.norm[i], p.colBlock.largest)
	for j := from; j < len(values); j++ {
		if values[j] < limit {
			values[j] = p.exact(i, j, values[j])
		}
	}
}
