package exact

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/xla"
)

// shape holds the sizes of the blocks that a Stream compares.
type shape struct {
	rows    int // maximum number of queries of a block
	few     int // number of vectors of a block while the limits are high, a multiple of 32
	columns int // number of vectors of a block after that, a multiple of 32
	calls   int // number of blocks that are compared at the same time
	group   int // number of blocks of queries that SearchBatch and SearchAll compare with the base at a time
}

// cpuShape and gpuShape are the shapes on a CPU and on a GPU. A block on a GPU takes milliseconds, so that calls and transfers are hidden.
var (
	cpuShape = shape{rows: blockRows, few: 1024, columns: 1024, calls: 1, group: 8}
	gpuShape = shape{rows: 8192, few: 2048, columns: 16384, calls: 4, group: 32}
)

// streamShape returns the shape on the backend of GOMLX_BACKEND, if it names a GPU, or on the CPU. A backend that cannot be opened is
// reported where it is used.
func streamShape() shape {
	if !xla.Named() {
		return cpuShape
	}
	if backend, err := xla.Backend(); err == nil && !xla.OnCPU(backend) {
		return gpuShape
	}
	return cpuShape
}

// sampleRows returns the number of vectors that are compared in double precision, to have a limit for the others.
func sampleRows(k int) int { return max(512, 2*k) }

// byXLA offers the rows ids of the base to all queries, block by block. The device says which pairs have a product within the limit of
// their query.
func (a *addition) byXLA(ctx context.Context, ids []int32) (err error) {
	if a.kernel == nil {
		if a.kernel, err = newMask(a.frame.metric); err != nil {
			return err
		}
	}
	rows, err := blocks(&a.queries, inOrder(a.queries.N), a.device.rows, a.frame.rowBlock)
	if err != nil {
		return err
	}
	defer release(rows)
	a.bits = make(chan []uint32, a.device.calls)
	for range a.device.calls {
		a.bits <- nil
	}
	done := 0
	if slices.Contains(a.limits, float32(math.Inf(1))) {
		done = min(sampleRows(a.k), len(ids))
		if err := a.sample(ctx, ids[:done]); err != nil {
			return err
		}
	}
	for done < len(ids) {
		size := a.device.few
		if done >= a.device.columns {
			size = a.device.columns
		}
		chunk := ids[done:min(done+size, len(ids))]
		if err := a.columns(ctx, rows, chunk, size); err != nil {
			return err
		}
		done += len(chunk)
		a.compared(done)
	}
	return nil
}

// sample offers the rows ids of the base to all queries, with their values in double precision.
func (a *addition) sample(ctx context.Context, ids []int32) error {
	return parallel.Each(ctx, a.queries.N, func() (func(int) error, error) {
		return func(i int) error {
			for _, id := range ids {
				if value := a.value(i, id); value <= float64(a.limits[i]) {
					a.keep(i, float32(value), id)
				}
			}
			a.settle(i)
			return nil
		}, nil
	})
}

// value returns the value of query i and row id of the base, times the square of the scale of the frame.
func (a *addition) value(i int, id int32) float64 {
	return a.base.value(&a.queries, i, int(id)) * a.frame.scale * a.frame.scale
}

// columns offers the rows ids of the base to the queries in blocks of rows, as a block of the given size.
func (a *addition) columns(ctx context.Context, rows []*block, ids []int32, size int) error {
	c, err := a.frame.columnBlock(a.base, ids, size)
	if err != nil {
		return err
	}
	err = parallel.EachOn(ctx, len(rows), a.device.calls, func() (func(int) error, error) {
		return func(r int) error { return a.compare(rows[r], c) }, nil
	})
	if a.last != nil {
		release([]*block{a.last}) // only after a product with other columns
	}
	a.last = c
	return err
}

// compare offers a block of columns to a block of rows.
func (a *addition) compare(rows, columns *block) error {
	found := <-a.bits
	defer func() { a.bits <- found }()
	found = slices.Grow(found[:0], rows.size*columns.size/32)[:rows.size*columns.size/32]
	limits := make([]float32, rows.size)
	copy(limits, a.limits[rows.ids[0]:][:len(rows.ids)])
	on := tensors.FromFlatDataAndDimensions(limits, rows.size)
	defer on.FinalizeAll()
	if err := a.kernel.call(func(out *tensors.Tensor) error { return copyTo(found, out) }, rows, columns, on); err != nil {
		return err
	}
	words := columns.size / 32
	return each(len(rows.ids), func(i int) error {
		return a.offerBits(int(rows.ids[i]), limits[i], found[i*words:(i+1)*words], columns.ids)
	})
}

// copyTo copies the elements of a tensor to a slice of as many.
func copyTo(to []uint32, t *tensors.Tensor) error {
	backend, err := t.Backend()
	if err != nil {
		return err
	}
	buffer, err := t.Buffer(backend, 0)
	if err != nil {
		return err
	}
	return buffer.ToFlatData(to)
}

// offerBits offers to query i the rows ids of the base whose bits are 1, because their product was at most the limit.
func (a *addition) offerBits(i int, limit float32, found []uint32, ids []int32) error {
	most := a.collectors[i].beyond(float64(limit))
	for w, word := range found {
		for ; word != 0; word &= word - 1 {
			c := w*32 + bits.TrailingZeros32(word)
			if c >= len(ids) {
				return nil // the block is completed by zero vectors
			}
			value := a.value(i, ids[c])
			if value > float64(most) {
				return fmt.Errorf("exact: the products of the backend of GOMLX_BACKEND do not have the digits of float32: "+
					"the value of two vectors is %g, and was found to be at most %g", value, limit)
			}
			if value <= float64(a.limits[i]) {
				a.keep(i, float32(value), ids[c])
			}
		}
	}
	return nil
}

// newMask returns a kernel that compares values with the limits of their rows. Of a block with n rows and m columns it returns n × m/32
// words, in which bit c of word w is 1 if the value of column 32w + c is at most the limit.
func newMask(metric ann.Metric) (*kernel, error) {
	values := valuesOf(metric)
	return newKernel(func(a, b, normA, normB, limits *Node) *Node {
		v := values(a, b, normA, normB)
		n, m := v.Shape().Dim(0), v.Shape().Dim(1)
		places := make([]uint32, 32)
		for c := range places {
			places[c] = 1 << c
		}
		atMost := ConvertDType(LessOrEqual(v, InsertAxes(limits, 1)), dtypes.Uint32)
		return ReduceSum(Mul(Reshape(atMost, n, m/32, 32), Const(v.Graph(), [][][]uint32{{places}})), -1)
	})
}
