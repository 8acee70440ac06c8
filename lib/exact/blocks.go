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

// blockRows is the maximum number of vectors in a block. All pairs of 10,000 × 2048 on 2 cores take 0.99 s with 667
// rows, 1.02 s with 1,000 rows (and half as many blocks) and 1.08 s with 1,667 rows, where a larger share of the pairs
// lies in diagonal blocks and is computed twice.
const blockRows = 1000

// refineBelow is the share of ‖a‖² + ‖b‖² below which ‖a‖² + ‖b‖² − 2a·b has lost more than about four of the seven
// digits of float32. Such pairs (near duplicates) are computed again as Σ (aᵢ − bᵢ)².
const refineBelow = 1e-2

// tiny is added to that bound. Squares below it may have lost digits because float32 underflows.
const tiny = 1. / (1 << 50) / (1 << 50)

// block holds prepared vectors and their squared norms on the device. The last block of a set is padded with zeros: all
// blocks of a set have the same shape, and XLA compiles once.
type block struct {
	ids     []int32         // IDs of its vectors
	size    int             // number of rows with padding, ≥ len(ids)
	vectors *tensors.Tensor // size × d in a block of rows, d × size in a block of columns
	norms   *tensors.Tensor // ‖x‖², float32
	norm    []float32       // the same on the host; −∞ for the inner product, whose values are never refined
	largest float32         // maximum of norm
}

// blocks divides the vectors ids of p evenly into as few blocks of at most so many rows as possible. make is f.rowBlock or
// f.columnBlock.
func blocks(p *points, ids []int32, most int, make func(p *points, ids []int32, size int) (*block, error)) ([]*block, error) {
	var all []*block
	size := blockSize(len(ids), most)
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

// rowBlock returns a block of shape size × d.
func (f *frame) rowBlock(p *points, ids []int32, size int) (*block, error) {
	return newBlock(ids, size, []int{size, p.D}, func(rows, norm []float32) {
		parallel.For(len(ids), func(i int) {
			norm[i] = f.prepare(p, int(ids[i]), rows[i*p.D:(i+1)*p.D])
		})
	})
}

// columnBlock returns a block of shape d × size, the layout that XLA multiplies fastest.
func (f *frame) columnBlock(p *points, ids []int32, size int) (*block, error) {
	scratch := sync.Pool{New: func() any {
		rows := make([]float32, strip*p.D)
		return &rows
	}}
	return newBlock(ids, size, []int{p.D, size}, func(columns, norm []float32) {
		parallel.For((len(ids)+strip-1)/strip, func(t int) {
			held := scratch.Get().(*[]float32)
			defer scratch.Put(held)
			rows := *held
			first, last := t*strip, min((t+1)*strip, len(ids))
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

// newBlock returns a block of the given size and shape. fill writes the vectors and their norms into slices of zeros.
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

// blockSize returns the number of rows of a block when n rows are divided evenly into as few blocks of at most so many rows as possible.
func blockSize(n, most int) int {
	blocks := (n + most - 1) / most
	return (n + blocks - 1) / blocks
}

// inOrder returns the IDs 0 … n−1.
func inOrder(n int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(i)
	}
	return ids
}

// kernel computes something of one block of values: squared L2 distances, or negated inner products.
type kernel struct{ exec *Exec }

// newKernel returns the kernel of a graph, whose first parameters are the rows, the columns, and the norms of both.
func newKernel[F ExecGraphFn](graph F) (*kernel, error) {
	backend, err := xla.Backend()
	if err != nil {
		return nil, err
	}
	exec, err := NewExec(backend, graph)
	if err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	return &kernel{exec.SetMaxCache(-1)}, nil // a Stream may add blocks of any number of sizes
}

// newValues returns a kernel that computes values.
func newValues(metric ann.Metric) (*kernel, error) { return newKernel(valuesOf(metric)) }

func valuesOf(metric ann.Metric) func(a, b, normA, normB *Node) *Node {
	if metric == ann.InnerProduct {
		return negatedProduct
	}
	return squaredL2
}

func (k *kernel) release() { k.exec.Finalize() }

// squaredL2 returns max(0, ‖a‖² + ‖b‖² − 2a·b) for every row of a [n, d] and column of b [d, m]. The shape is [n, m].
func squaredL2(a, b, normA, normB *Node) *Node {
	product := Dot(a, b).MatMul()
	sum := Add(InsertAxes(normA, 1), InsertAxes(normB, 0))
	return MaxScalar(Sub(sum, MulScalar(product, 2)), 0)
}

// negatedProduct returns −a·b for every row of a [n, d] and column of b [d, m]. The shape is [n, m].
func negatedProduct(a, b, _, _ *Node) *Node { return Neg(Dot(a, b).MatMul()) }

// values computes the values between rows and columns with a kernel of newValues and passes them to use, row-major with columns.size
// values in a row. The values are not refined; see pairs. The slice is read-only and valid only during the call.
func (k *kernel) values(rows, columns *block, use func(values []float32)) error {
	return k.call(func(out []*tensors.Tensor) error { return tensors.ConstFlatData(out[0], use) }, rows, columns)
}

// call passes the result for rows, columns and further parameters to use. The result is valid only during the call.
//
// On the CPU, XLA keeps the columns of the last call packed and identifies them by their address alone. Two rules follow. Successive
// calls should use the same block of columns with different rows, which takes a quarter less time. No block of columns
// may be released while the kernel is in use, because another block at the same address would be mistaken for it.
func (k *kernel) call(use func(out []*tensors.Tensor) error, rows, columns *block, more ...*tensors.Tensor) error {
	arguments := []any{rows.vectors, columns.vectors, rows.norms, columns.norms}
	for _, t := range more {
		arguments = append(arguments, t)
	}
	out, err := k.exec.Call(arguments...)
	if err != nil {
		return fmt.Errorf("exact: %w", err)
	}
	defer func() {
		for _, t := range out {
			t.FinalizeAll()
		}
	}()
	if err := use(out); err != nil {
		return fmt.Errorf("exact: %w", err)
	}
	return nil
}

// pairs holds a block of rows and a block of columns, whose vectors are compared pair by pair.
type pairs struct {
	rows, columns      *points // the sets from which the blocks are taken
	rowBlock, colBlock *block
	scale              float64 // frame.scale
}

// diagonal reports whether two blocks of the same set hold the same vectors.
func (p pairs) diagonal() bool { return p.rowBlock.ids[0] == p.colBlock.ids[0] }

// refineLimit returns the value below which cancellation or underflow makes a product of two vectors inaccurate. a and b
// are the squared norms of the vectors.
func refineLimit(a, b float32) float32 { return refineBelow*(a+b) + tiny }

// exact returns the value between row i and column j: value itself if it is accurate, otherwise the value computed again
// from the vectors.
func (p *pairs) exact(i, j int, value float32) float32 {
	if value >= refineLimit(p.rowBlock.norm[i], p.colBlock.norm[j]) {
		return value
	}
	row, column := int(p.rowBlock.ids[i]), int(p.colBlock.ids[j])
	if p.rows.metric == ann.Euclidean && p.scale == 1 {
		return ann.SquaredL2(p.rows.Row(row), p.columns.Row(column))
	}
	return float32(p.columns.value(p.rows, row, column) * (p.scale * p.scale))
}

// refine replaces every inaccurate value of values[from:] by the exact one. values[j] is the value between row i and
// column j.
func (p *pairs) refine(i int, values []float32, from int) {
	limit := refineLimit(p.rowBlock.norm[i], p.colBlock.largest)
	for j := from; j < len(values); j++ {
		if values[j] < limit {
			values[j] = p.exact(i, j, values[j])
		}
	}
}
