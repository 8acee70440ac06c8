package router

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// source is a set of queries with their labels and the deviation of their noise.
type source struct {
	vectors ann.Coordinates
	labels  Labels
	noise   float32
}

// batches divides the queries of the sources into batches of equal size.
type batches struct {
	sources []source
	d, n    int // dimension and number of all queries
	size    int // number of queries of a batch, a multiple of parallelParts
	steps   int // number of batches of an epoch
	width   int // largest number of labels of a query
	seed    uint64
	epoch   int     // epoch of order, −1 for none
	order   []int32 // the queries in the order of the epoch, with the first repeated to fill the last batch
}

// newBatches returns batches of at most the given size, rounded up to a multiple of parallelParts. Queries that fill the last
// batch are seen twice in an epoch.
func newBatches(sources []source, most int, seed uint64) *batches {
	b := &batches{sources: sources, seed: seed, epoch: -1}
	for _, s := range sources {
		b.n, b.d = b.n+s.vectors.N, s.vectors.D
	}
	b.steps = (b.n + most - 1) / most
	b.size = (b.n + b.steps - 1) / b.steps
	b.size = (b.size + parallelParts - 1) / parallelParts * parallelParts
	b.setLabels()
	return b
}

// setLabels computes what depends on the labels.
func (b *batches) setLabels() {
	b.width = 0
	for _, s := range b.sources {
		b.width = max(b.width, s.labels.width())
	}
}

// begin shuffles the queries for an epoch.
func (b *batches) begin(epoch int) {
	if b.epoch == epoch {
		return
	}
	b.epoch, b.order = epoch, make([]int32, b.n, b.steps*b.size)
	for i := range b.order {
		b.order[i] = int32(i)
	}
	random := rand.New(rand.NewPCG(b.seed, uint64(epoch)+1))
	random.Shuffle(b.n, func(i, j int) { b.order[i], b.order[j] = b.order[j], b.order[i] })
	for i := 0; len(b.order) < b.steps*b.size; i++ {
		b.order = append(b.order, b.order[i])
	}
}

// inputs returns the tensors of batch number step of the current epoch: the vectors [size, d], the deviations of the noise [size,
// 1], the units [size, width] and their weights [size, width]. The queries are not kept on the device, where they may not fit: for
// 1,024 queries of 128 bytes this takes 0.07 ms, a step more than 15 ms on two cores.
func (b *batches) inputs(step int) []any {
	rows := b.order[step*b.size : (step+1)*b.size]
	noise, units, weights := make([]float32, b.size), make([]int32, b.size*b.width), make([]float32, b.size*b.width)
	for i, row := range rows {
		s, at := b.at(row)
		noise[i] = s.noise
		s.fill(at, units[i*b.width:(i+1)*b.width], weights[i*b.width:(i+1)*b.width])
	}
	return []any{
		b.vectors(rows), tensors.FromFlatDataAndDimensions(noise, b.size, 1),
		tensors.FromFlatDataAndDimensions(units, b.size, b.width), tensors.FromFlatDataAndDimensions(weights, b.size, b.width),
	}
}

// at returns the source of a query and its row there.
func (b *batches) at(query int32) (s *source, row int) {
	row = int(query)
	for i := range b.sources {
		s = &b.sources[i]
		if row < s.vectors.N {
			return s, row
		}
		row -= s.vectors.N
	}
	return s, row
}

// fill writes the labels of a query, and its first label with weight 0 in the remaining places. Without weights in the labels, a
// weight is 1.
func (s *source) fill(query int, units []int32, weights []float32) {
	own := s.labels.Of(query)
	for j := range units {
		if j >= len(own) {
			units[j] = own[0]
			continue
		}
		units[j], weights[j] = own[j], 1
		if s.labels.Weights != nil {
			weights[j] = s.labels.Weights[int(s.labels.Starts[query])+j]
		}
	}
}

// vectors returns the vectors of the given queries.
func (b *batches) vectors(rows []int32) *tensors.Tensor {
	if b.sources[0].vectors.Bytes != nil {
		t := tensors.FromShape(shapes.Make(dtypes.Uint8, len(rows), b.d))
		tensors.MustMutableFlatData(t, func(flat []uint8) {
			b.gather(rows, func(i int, c ann.Coordinates, row int) { copy(flat[i*b.d:], c.Bytes[row*b.d:(row+1)*b.d]) })
		})
		return t
	}
	t := tensors.FromShape(shapes.Make(dtype, len(rows), b.d))
	tensors.MustMutableFlatData(t, func(flat []float32) {
		b.gather(rows, func(i int, c ann.Coordinates, row int) { copy(flat[i*b.d:], c.Floats[row*b.d:(row+1)*b.d]) })
	})
	return t
}

// gather calls put for every query with its source's vectors and its row there.
func (b *batches) gather(rows []int32, put func(i int, c ann.Coordinates, row int)) {
	const piece = 256 // rows of a worker at a time
	parallel.For((len(rows)+piece-1)/piece, func(p int) {
		for i := p * piece; i < min(len(rows), (p+1)*piece); i++ {
			s, row := b.at(rows[i])
			put(i, s.vectors, row)
		}
	})
}

// moments returns the mean and the standard deviation of every coordinate over all queries. The deviation of a coordinate that
// does not vary is 1.
func (b *batches) moments() (mean, deviation []float32, err error) {
	sums, squares, row := make([]float64, b.d), make([]float64, b.d), make([]float32, b.d)
	first := b.sources[0].vectors.Row(0, make([]float32, b.d))
	for _, s := range b.sources {
		for i := range s.vectors.N {
			for j, x := range s.vectors.Row(i, row) {
				y := float64(x) - float64(first[j]) // small if the coordinate does not vary
				sums[j] += y
				squares[j] += y * y
			}
		}
	}
	mean, deviation = make([]float32, b.d), make([]float32, b.d)
	for j := range mean {
		shift := sums[j] / float64(b.n)
		mean[j] = float32(float64(first[j]) + shift)
		deviation[j] = float32(math.Sqrt(max(0, squares[j]/float64(b.n)-shift*shift)))
		if deviation[j] == 0 {
			deviation[j] = 1
		}
		if !(deviation[j] > 0) || math.IsInf(float64(deviation[j]), 0) || mean[j]-mean[j] != 0 {
			return nil, nil, fmt.Errorf("router: coordinate %d has the mean %v and the deviation %v: out of range", j, mean[j], deviation[j])
		}
	}
	return mean, deviation, nil
}
