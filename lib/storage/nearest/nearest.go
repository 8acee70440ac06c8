// Package nearest finds the nearest base vectors of very many queries, such as the learn queries of a network. On a CPU it calls
// package exact. On an accelerator, from which package exact would transfer every product, it works as follows.
//
// A block of the base is divided into tiles of interleaved vectors. The device computes the products of a block of queries and a
// block of the base, and the least value of every tile; it returns the k lowest of these values and their tiles. The k nearest
// vectors are in the k tiles with the lowest values of all blocks. The distances to their vectors are then computed on the CPU. Only 2k
// numbers for each query and block of the base leave the device.
//
// Products of vectors of uint8 are exact as long as ‖b‖² + 2|q·b| is below 2²⁴, on a device that multiplies in TF32 as well.
// Products of other vectors have the rounding errors of the device, so that one of several almost equally near vectors may be
// missed.
package nearest

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/xla"
	"anncapacity/lib/storage/walk"
)

// Sizes of the blocks. A block of products takes 512 MB.
const (
	tile        = 64      // vectors of a tile
	baseRows    = 1 << 15 // vectors of a block of the base
	queryRows   = 1 << 12 // queries of a block
	unreachable = 1e30    // ‖b‖² of the vectors that fill the last block of the base
)

// Options are the parameters of Find.
type Options struct {
	K        int               // number of neighbours of each query
	Progress func(queries int) // if not nil, called after a block of queries with the number of queries in it
}

// Find returns the IDs of the k nearest base vectors of each query by L2 distance: queries.N lists of k IDs, one list after
// another. Which of several equally distant vectors are returned depends on the device; on a CPU it is those with the lowest IDs.
// It is an error if base and queries differ in dimension, or if k is not in 1 … base.N.
func Find(ctx context.Context, base, queries ann.Coordinates, o Options) ([]int32, error) {
	if base.D != queries.D {
		return nil, fmt.Errorf("nearest: queries have %d dimensions, the base %d", queries.D, base.D)
	}
	if o.K < 1 || o.K > base.N {
		return nil, fmt.Errorf("nearest: k = %d of %d vectors", o.K, base.N)
	}
	backend, err := xla.Backend()
	if err != nil {
		return nil, fmt.Errorf("nearest: %w", err)
	}
	ids := make([]int32, 0, queries.N*o.K)
	find := onCPU(base, o.K)
	if !xla.OnCPU(backend) {
		f, err := newFinder(backend, base, o.K)
		if err != nil {
			return nil, fmt.Errorf("nearest: %w", err)
		}
		defer f.release()
		find = f.find
	}
	for from := 0; from < queries.N; from += queryRows {
		to := min(from+queryRows, queries.N)
		lists, err := find(ctx, queries.Rows(from, to))
		if err != nil {
			return nil, fmt.Errorf("nearest: %w", err)
		}
		ids = append(ids, lists...)
		if o.Progress != nil {
			o.Progress(to - from)
		}
	}
	return ids, nil
}

// onCPU returns a function that searches with package exact.
func onCPU(base ann.Coordinates, k int) func(ctx context.Context, queries ann.Vectors) ([]int32, error) {
	index := exact.New(base.Vectors())
	return func(ctx context.Context, queries ann.Vectors) (ids []int32, err error) {
		lists, err := index.SearchBatch(ctx, queries, k)
		for _, l := range lists {
			for _, n := range l {
				ids = append(ids, n.ID)
			}
		}
		return ids, err
	}
}

// finder holds the base on the device.
type finder struct {
	base   ann.Coordinates
	k      int
	blocks []block
	exec   *Exec
}

// block is a part of the base on the device.
type block struct {
	first  int
	matrix *tensors.Tensor // D × baseRows
	norms  *tensors.Tensor // 1 × baseRows, ‖b‖²
}

func newFinder(backend compute.Backend, base ann.Coordinates, k int) (f *finder, err error) {
	f = &finder{base: base, k: k}
	tiles := baseRows / tile
	f.exec, err = NewExec(backend, func(queries, matrix, norms *Node) (*Node, *Node) {
		product := Dot(queries, matrix).MatMul()
		least := ReduceMin(Reshape(Sub(norms, MulScalar(product, 2)), queryRows, tile, tiles), 1)
		if k == 1 {
			return ReduceMin(least, 1), ArgMin(least, -1, dtypes.Int32)
		}
		values, indices := TopK(Neg(least), min(k, tiles), -1)
		return Neg(values), indices
	})
	if err != nil {
		return nil, err
	}
	for first := 0; first < base.N; first += baseRows {
		f.blocks = append(f.blocks, newBlock(base, first))
	}
	return f, nil
}

// newBlock returns the block of the vectors from first on. Missing vectors are zeros with an unreachable norm.
func newBlock(base ann.Coordinates, first int) block {
	rows := min(baseRows, base.N-first)
	norms := make([]float32, baseRows)
	for j := rows; j < baseRows; j++ {
		norms[j] = unreachable
	}
	v := base.Rows(first, first+rows)
	data := make([]float32, base.D*baseRows)
	parallel.For(rows, func(j int) {
		for i, x := range v.Row(j) {
			data[i*baseRows+j] = x
		}
		norms[j] = ann.SquaredL2(v.Row(j), make([]float32, base.D))
	})
	return block{first, tensors.FromFlatDataAndDimensions(data, base.D, baseRows), tensors.FromFlatDataAndDimensions(norms, 1, baseRows)}
}

func (f *finder) release() {
	f.exec.Finalize()
	for _, b := range f.blocks {
		b.matrix.FinalizeAll()
		b.norms.FinalizeAll()
	}
}

// find returns the IDs of the neighbours of at most queryRows queries.
func (f *finder) find(ctx context.Context, queries ann.Vectors) ([]int32, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data := make([]float32, queryRows*queries.D)
	copy(data, queries.Data)
	rows := tensors.FromFlatDataAndDimensions(data, queryRows, queries.D)
	defer rows.FinalizeAll()
	found := make([]candidates, len(f.blocks))
	for b, base := range f.blocks {
		out, err := f.exec.Call(rows, base.matrix, base.norms)
		if err != nil {
			return nil, err
		}
		if found[b], err = read(out); err != nil {
			return nil, err
		}
	}
	ids := make([]int32, queries.N*f.k)
	err := parallel.Each(ctx, queries.N, func() (func(int) error, error) {
		scan, err := walk.NewScan(queries.D, f.k)
		var near []place
		var list ann.Neighbors
		return func(q int) error {
			if err := scan.Reset(ann.Query{Vector: queries.Row(q)}); err != nil {
				return err
			}
			near = f.places(found, q, near[:0])
			for _, p := range near {
				f.scan(p, scan)
			}
			list = scan.Append(list[:0])
			for i, n := range list {
				ids[q*f.k+i] = n.ID
			}
			return nil
		}, err
	})
	return ids, err
}

// candidates holds the tiles of a block with the lowest values, for each query.
type candidates struct {
	width  int // tiles of a query
	values []float32
	tiles  []int32
}

// read copies the candidates from the device.
func read(out []*tensors.Tensor) (c candidates, err error) {
	err = tensors.ConstFlatData(out[0], func(values []float32) { c.values = append(c.values, values...) })
	if err == nil {
		err = tensors.ConstFlatData(out[1], func(tiles []int32) { c.tiles = append(c.tiles, tiles...) })
	}
	for _, t := range out {
		t.FinalizeAll()
	}
	c.width = len(c.tiles) / queryRows
	return c, err
}

// place is a tile of a block.
type place struct {
	value float32 // the least of ‖b‖² − 2q·b
	first int     // first vector of the block
	tile  int32
}

// places appends the k tiles with the lowest values for query q to near.
func (f *finder) places(found []candidates, q int, near []place) []place {
	for b, c := range found {
		for i := q * c.width; i < (q+1)*c.width; i++ {
			near = append(near, place{c.values[i], f.blocks[b].first, c.tiles[i]})
		}
	}
	slices.SortFunc(near, func(a, b place) int { return cmp.Compare(a.value, b.value) })
	return near[:min(f.k, len(near))]
}

// scan adds the vectors of a tile.
func (f *finder) scan(p place, scan *walk.Scan) {
	const stride = baseRows / tile
	var ids [tile]int32
	n := 0
	for id := p.first + int(p.tile); id < min(p.first+baseRows, f.base.N); id += stride {
		ids[n] = int32(id)
		n++
	}
	scan.AddRows(f.base, ids[:n])
}
