package partition

import (
	"context"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/internal/atmost"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/tile"
	"anncapacity/lib/internal/xla"
)

// product computes the values of a block of vectors on XLA, as the product of rows [x 1] and columns [−2c ‖c‖²].
type product struct {
	exec *Exec
	// columns holds the centroids of every search. XLA keeps the columns of former calls packed and identifies them by their
	// address, so no columns may be released while exec is in use.
	columns []*tensors.Tensor
}

func newProduct() (*product, error) {
	backend, err := xla.Backend()
	if err != nil {
		return nil, err
	}
	exec, err := NewExec(backend, func(rows, columns *Node) *Node { return Dot(rows, columns).MatMul() })
	if err != nil {
		return nil, fmt.Errorf("partition: %w", err)
	}
	return &product{exec: exec}, nil
}

func (p *product) release() {
	p.exec.Finalize()
	for _, c := range p.columns {
		c.FinalizeAll()
	}
}

// byXLA does what run does by XLA, block by block. The product of a block runs on all cores; calls of exec must not overlap.
func (s *search) byXLA(ctx context.Context, prepare func() use) error {
	backend, err := xla.Backend()
	if err != nil {
		return err
	}
	rows, err := tensors.FromShapeForBackend(backend, 0, shapes.Make(dtypes.Float32, s.size, s.vectors.D+1))
	if err != nil {
		return fmt.Errorf("partition: %w", err)
	}
	defer rows.FinalizeAll()
	columns := s.columns()
	s.product.columns = append(s.product.columns, columns)
	b := block{s, rows, columns, make([]float64, s.size)}
	for first := 0; first < s.vectors.N; first += s.size {
		if err := b.compare(ctx, first, min(s.size, s.vectors.N-first), prepare); err != nil {
			return err
		}
	}
	return nil
}

// columns returns the centroids as columns −2c with a last row ‖c‖².
func (s *search) columns() *tensors.Tensor {
	d, n := s.centroids.D, s.centroids.N
	data := make([]float32, (d+1)*n)
	eachRow(s.centroids.Coordinates(), func(c int, centroid []float32) {
		row := make([]float32, d)
		data[d*n+c] = float32(s.move(row, centroid, -2))
		tile.Scatter(data, row, c, n)
	})
	return tensors.FromFlatDataAndDimensions(data, d+1, n)
}

// block compares one block of vectors at a time.
type block struct {
	*search
	rows, columns *tensors.Tensor // size × (d + 1), and (d + 1) × number of centroids
	lengths       []float64       // squared, of the moved vectors
}

// compare compares count vectors from first on.
func (b *block) compare(ctx context.Context, first, count int, prepare func() use) error {
	if err := tensors.MutableFlatData(b.rows, func(rows []float32) { b.fill(rows, first, count) }); err != nil {
		return fmt.Errorf("partition: %w", err)
	}
	out, err := b.product.exec.Call(b.rows, b.columns)
	if err != nil {
		return fmt.Errorf("partition: %w", err)
	}
	defer out[0].FinalizeAll()
	access := tensors.ConstFlatData(out[0], func(values []float32) { err = b.read(ctx, values, first, count, prepare) })
	if access != nil {
		return fmt.Errorf("partition: %w", access)
	}
	if err == nil {
		b.finished(count)
	}
	return err
}

// fill writes count vectors from first on, moved by the mean and followed by 1, and sets their lengths.
func (b *block) fill(rows []float32, first, count int) {
	d := b.vectors.D
	eachRow(b.vectors.Slice(first, first+count), func(i int, vector []float32) {
		row := rows[i*(d+1) : (i+1)*(d+1)]
		b.lengths[i] = b.move(row[:d], vector, 1)
		row[d] = 1
	})
}

// read passes on the near centroids of count vectors from first on. A value is read only if it is at most the limit.
func (b *block) read(ctx context.Context, values []float32, first, count int, prepare func() use) error {
	n := b.centroids.N
	return parallel.Each(ctx, (count+tileVectors-1)/tileVectors, func() (func(int) error, error) {
		use, scratch, selected := prepare(), make([]float32, b.vectors.D), selection{}
		return func(t int) error {
			for i := t * tileVectors; i < min((t+1)*tileVectors, count); i++ {
				row, values := b.vectors.Row(first+i, scratch), values[i*n:(i+1)*n]
				b.begin(&selected, first+i, row, b.lengths[i])
				for at := atmost.Next(values, selected.limit); at < n; at += 1 + atmost.Next(values[at+1:], selected.limit) {
					selected.keep(values[at], int32(at))
				}
				use(first+i, row, selected.end())
			}
			return nil
		}, nil
	})
}
