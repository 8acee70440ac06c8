package hnsw

import (
	"context"
	"errors"
	"fmt"

	"github.com/viterin/vek/vek32"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/rounded"
)

// Space is the indexed points and what orders them: OnMatrix, OnVectors or OnMetric.
type Space interface {
	// Len is the number of indexed points.
	Len() int
	metric() ann.Metric
	// from gives the values from an indexed point.
	from(point int32) source
	// fromVector gives the values from any vector.
	fromVector(vector []float32) (source, error)
	// anyNearer says whether any of ids is nearer to point than limit.
	anyNearer(point int32, ids []int32, limit float32) bool
}

// source measures from one fixed place.
type source interface {
	// values sets out[i] to what orders ids[i]: its squared L2 distance, on unit vectors under the cosine, or the negated
	// inner product.
	values(ids []int32, out []float32)
}

// OnMatrix is the points behind a matrix of all distances. Queries can only be indexed points.
func OnMatrix(m *exact.Matrix) Space { return matrixSpace{m, m.Len(), ann.Euclidean} }

type matrixSpace struct {
	m    interface{ Row(i int32) []float32 }
	n    int
	kind ann.Metric
}

func (s matrixSpace) Len() int { return s.n }

func (s matrixSpace) metric() ann.Metric { return s.kind }

func (s matrixSpace) from(point int32) source { return matrixRow(s.m.Row(point)) }

func (s matrixSpace) fromVector([]float32) (source, error) {
	return nil, errors.New("hnsw: an index on a matrix of distances answers indexed points only; use OnVectors")
}

func (s matrixSpace) anyNearer(point int32, ids []int32, limit float32) bool {
	row := s.m.Row(point)
	for _, id := range ids {
		if row[id] < limit {
			return true
		}
	}
	return false
}

type matrixRow []float32

func (row matrixRow) values(ids []int32, out []float32) {
	for i, id := range ids {
		out[i] = row[id]
	}
}

// OnVectors computes L2 distances as they are asked for, so that n is not bounded by n² numbers. Build alone may first measure
// all pairs of up to 16,384 vectors, rounded to 16 bits: n² float32 while it runs.
func OnVectors(v ann.Vectors) Space { return vectorSpace{v, ann.Euclidean} }

// OnMetric is OnVectors under any metric. For the cosine it holds a normalised copy; a zero vector is an error.
func OnMetric(v ann.Vectors, metric ann.Metric) (Space, error) {
	if err := metric.Check(v); err != nil {
		return nil, fmt.Errorf("hnsw: %w", err)
	}
	if metric == ann.Cosine {
		unit, err := ann.Normalized(v)
		return vectorSpace{unit, metric}, err
	}
	return vectorSpace{v, metric}, nil
}

type vectorSpace struct {
	v    ann.Vectors // at length 1 under the cosine
	kind ann.Metric
}

func (s vectorSpace) Len() int { return s.v.N }

func (s vectorSpace) metric() ann.Metric { return s.kind }

func (s vectorSpace) from(point int32) source { return vectorFrom{s, s.v.Row(int(point))} }

func (s vectorSpace) fromVector(vector []float32) (source, error) {
	if s.kind == ann.Cosine {
		unit, err := ann.Normalized(ann.Vectors{N: 1, D: len(vector), Data: vector})
		if err != nil {
			return nil, fmt.Errorf("hnsw: the query: %w", err)
		}
		vector = unit.Data
	}
	return vectorFrom{s, vector}, nil
}

func (s vectorSpace) anyNearer(point int32, ids []int32, limit float32) bool {
	a := s.v.Row(int(point))
	for _, id := range ids {
		if s.between(a, s.v.Row(int(id))) < limit {
			return true
		}
	}
	return false
}

// between is ann.SquaredL2 or −⟨a, b⟩, two to four times as fast where the processor has AVX2, but for the last digit.
func (s vectorSpace) between(a, b []float32) float32 {
	if s.kind == ann.InnerProduct {
		return -vek32.Dot(a, b)
	}
	d := vek32.Distance(a, b)
	return d * d
}

// Up to matrixPoints vectors of matrixDimensions or more, a graph is built faster on the matrix of all pairs. Measured with 2
// cores: 8,000 × 2048 3.6 times, 12,000 × 512 1.4 times, 12,000 × 128 0.75 times as fast as on the vectors.
const (
	matrixPoints     = 16384
	matrixDimensions = 512
)

// forConstruction is what the space's graph is built on: all pairs of the vectors, rounded to 16 bits, where that is faster
// and they bear it; otherwise the space itself.
func (s vectorSpace) forConstruction(ctx context.Context) (Space, error) {
	if s.v.N > matrixPoints || s.v.D < matrixDimensions {
		return s, nil
	}
	m, err := rounded.AllPairs(ctx, s.v, s.kind)
	if m == nil {
		return s, err
	}
	return matrixSpace{m, s.v.N, s.kind}, nil
}

type vectorFrom struct {
	vectorSpace
	vector []float32
}

func (f vectorFrom) values(ids []int32, out []float32) {
	for i, id := range ids {
		out[i] = f.between(f.vector, f.v.Row(int(id)))
	}
}
