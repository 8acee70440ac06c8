package exact

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/atmost"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/xla"
)

// shape holds the sizes of the blocks that a Stream compares.
type shape struct {
	rows    int // maximum number of queries of a block
	columns int // number of vectors of a block of which all values are read
	near    int // number of vectors of a block of which only near ones are read, a multiple of span; 0: always all values
	calls   int // number of blocks that are compared at the same time
	group   int // number of blocks of queries that SearchBatch and SearchAll compare with the base at a time
	part    int // number of vectors of the base that they add to a Stream at a time
}

// cpuShape and gpuShape are the shapes on a CPU and on a GPU. A block on a GPU takes milliseconds, so that calls and transfers are hidden.
var (
	cpuShape = shape{rows: blockRows, columns: blockRows, calls: 1, group: 8, part: 1 << 17}
	gpuShape = shape{rows: 8192, columns: 2048, near: 16384, calls: 4, group: 32, part: 1 << 20}
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

// device holds what XLA keeps from one block to the next.
type device struct {
	shape
	kernel, mask *kernel   // of values, and of newMask
	last         *block    // columns of the last product; see kernel.call
	scratch      sync.Pool // of *near
}

func newDevice() *device {
	return &device{shape: streamShape(), scratch: sync.Pool{New: func() any { return &near{} }}}
}

// open compiles the kernels of a metric, if they are not compiled.
func (d *device) open(metric ann.Metric) (err error) {
	if d.kernel == nil {
		if d.kernel, err = newValues(metric); err != nil {
			return err
		}
	}
	if d.mask == nil {
		d.mask, err = newMask(metric)
	}
	return err
}

// release frees the memory on the device.
func (d *device) release() {
	for _, k := range []*kernel{d.kernel, d.mask} {
		if k != nil {
			k.release()
		}
	}
	if d.last != nil {
		release([]*block{d.last})
	}
	d.kernel, d.mask, d.last = nil, nil, nil
}

// enough is the number of vectors for each neighbour after which few of the others are near, so that fewer bytes are read as bits.
const enough = 64

// byXLA offers the rows ids of the base to all queries, block by block.
func (a *addition) byXLA(ctx context.Context, ids []int32) error {
	if err := a.device.open(a.frame.metric); err != nil {
		return err
	}
	rows, err := blocks(&a.queries, inOrder(a.queries.N), a.device.rows, a.frame.rowBlock)
	if err != nil {
		return err
	}
	defer release(rows)
	far := slices.Contains(a.limits, float32(math.Inf(1)))
	for done := 0; done < len(ids); {
		size, compare := a.device.columns, a.byValues
		if a.device.near > 0 && (!far || done >= enough*a.k) {
			size, compare = a.device.near, a.byBits
		}
		chunk := ids[done:min(done+size, len(ids))]
		if err := a.columns(ctx, rows, chunk, size, compare); err != nil {
			return err
		}
		done += len(chunk)
		a.compared(done)
	}
	return nil
}

// columns offers the rows ids of the base to the queries in blocks of rows, as a block of the given size.
func (a *addition) columns(ctx context.Context, rows []*block, ids []int32, size int, compare func(rows, columns *block) error) error {
	c, err := a.frame.columnBlock(a.base, ids, size)
	if err != nil {
		return err
	}
	a.reach(c.largest)
	err = parallel.EachOn(ctx, len(rows), a.device.calls, func() (func(int) error, error) {
		return func(r int) error { return compare(rows[r], c) }, nil
	})
	if a.device.last != nil {
		release([]*block{a.device.last}) // only after a product with other columns
	}
	a.device.last = c
	return err
}

// byValues offers a block of columns to a block of rows by their values.
func (a *addition) byValues(r, c *block) error {
	return a.device.kernel.values(r, c, func(values []float32) {
		parallel.For(len(r.ids), func(i int) {
			a.offerRow(int(r.ids[i]), values[i*c.size:][:len(c.ids)], c.ids)
		})
	})
}

// offerRow offers the rows ids of the base to query i, given their products.
func (a *addition) offerRow(i int, products []float32, ids []int32) {
	for from := 0; ; {
		from += atmost.Next(products[from:], a.limits[i])
		if from == len(products) {
			return
		}
		a.keep(i, products[from], ids[from])
		from++
	}
}

// near holds what newMask computes for a block, on the host.
type near struct {
	bits  []uint32
	least []float32
}

// byBits offers a block of columns to a block of rows by what newMask computes.
func (a *addition) byBits(r, c *block) error {
	limits := make([]float32, r.size)
	copy(limits, a.limits[r.ids[0]:][:len(r.ids)])
	on := tensors.FromFlatDataAndDimensions(limits, r.size)
	defer on.FinalizeAll()
	n := a.device.scratch.Get().(*near)
	defer a.device.scratch.Put(n)
	words, spans := c.size/32, c.size/span
	n.bits = slices.Grow(n.bits[:0], r.size*words)[:r.size*words]
	n.least = slices.Grow(n.least[:0], r.size*spans)[:r.size*spans]
	err := a.device.mask.call(func(out []*tensors.Tensor) error {
		return errors.Join(copyTo(n.bits, out[0]), copyTo(n.least, out[1]))
	}, r, c, on)
	if err == nil {
		parallel.For(len(r.ids), func(i int) {
			a.offerNear(int(r.ids[i]), n.bits[i*words:(i+1)*words], n.least[i*spans:(i+1)*spans], c.ids)
		})
	}
	return err
}

// copyTo copies the elements of a tensor to a slice of as many.
func copyTo(to any, t *tensors.Tensor) error {
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

// offerNear offers to query i the rows ids of the base whose bits are 1. The value of the only one of a span is the least, others are
// computed.
func (a *addition) offerNear(i int, found []uint32, least []float32, ids []int32) {
	var buffer [span]int
	for s, value := range least {
		near := ones(buffer[:0], found[s*span/32:(s+1)*span/32])
		for _, c := range near {
			if c += s * span; c >= len(ids) {
				return // the block is completed by zero vectors
			}
			if len(near) > 1 || (s+1)*span > len(ids) {
				value = float32(a.base.value(&a.queries, i, int(ids[c])) * a.frame.scale * a.frame.scale)
			} else if a.frame.metric != ann.InnerProduct {
				value = max(0, value)
			}
			if value <= a.limits[i] {
				a.keep(i, value, ids[c])
			}
		}
	}
}

// ones appends the places of the bits that are 1.
func ones(to []int, words []uint32) []int {
	for w, word := range words {
		for ; word != 0; word &= word - 1 {
			to = append(to, w*32+bits.TrailingZeros32(word))
		}
	}
	return to
}

// span is the number of vectors of which newMask returns the least value.
const span = 128

// newMask returns a kernel that compares values with the limits of their rows. Of a block with n rows and m columns it returns n × m/32
// words, in which bit c of word w is 1 if the value of column 32w + c is at most the limit, and the n × m/span least values of as many
// columns.
func newMask(metric ann.Metric) (*kernel, error) {
	values := valuesOf(metric)
	return newKernel(func(a, b, normA, normB, limits *Node) (bits, least *Node) {
		v := values(a, b, normA, normB)
		n, m := v.Shape().Dim(0), v.Shape().Dim(1)
		places := make([]uint32, 32)
		for c := range places {
			places[c] = 1 << c
		}
		atMost := ConvertDType(LessOrEqual(v, InsertAxes(limits, 1)), dtypes.Uint32)
		bits = ReduceSum(Mul(Reshape(atMost, n, m/32, 32), Const(v.Graph(), [][][]uint32{{places}})), -1)
		return bits, ReduceMin(Reshape(v, n, m/span, span), -1)
	})
}
