package hnsw

import (
	"errors"

	"github.com/viterin/vek/vek32"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
)

// Space is the indexed points and the squared L2 distances between them: OnMatrix or OnVectors.
type Space interface {
	// Len is the number of indexed points.
	Len() int
	// from gives the distances from an indexed point.
	from(point int32) source
	// fromVector gives the distances from any vector.
	fromVector(vector []float32) (source, error)
	// anyNearer says whether any of ids is nearer to point than limit.
	anyNearer(point int32, ids []int32, limit float32) bool
}

// source measures from one fixed place.
type source interface {
	// squared sets out[i] to the squared L2 distance to ids[i].
	squared(ids []int32, out []float32)
}

// OnMatrix is the points behind a matrix of all distances. Queries can only be indexed points.
func OnMatrix(m *exact.Matrix) Space { return matrixSpace{m} }

type matrixSpace struct{ m *exact.Matrix }

func (s matrixSpace) Len() int { return s.m.Len() }

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

func (row matrixRow) squared(ids []int32, out []float32) {
	for i, id := range ids {
		out[i] = row[id]
	}
}

// OnVectors computes distances as they are asked for: slower, but n is not bounded by n² numbers.
func OnVectors(v ann.Vectors) Space { return vectorSpace{v} }

type vectorSpace struct{ v ann.Vectors }

func (s vectorSpace) Len() int { return s.v.N }

func (s vectorSpace) from(point int32) source { return vectorFrom{s.v, s.v.Row(int(point))} }

func (s vectorSpace) fromVector(vector []float32) (source, error) {
	return vectorFrom{s.v, vector}, nil
}

func (s vectorSpace) anyNearer(point int32, ids []int32, limit float32) bool {
	a := s.v.Row(int(point))
	for _, id := range ids {
		if squaredL2(a, s.v.Row(int(id))) < limit {
			return true
		}
	}
	return false
}

type vectorFrom struct {
	v      ann.Vectors
	vector []float32
}

func (f vectorFrom) squared(ids []int32, out []float32) {
	for i, id := range ids {
		out[i] = squaredL2(f.vector, f.v.Row(int(id)))
	}
}

// squaredL2 is ann.SquaredL2, two to four times as fast where the processor has AVX2, but for the last digit.
func squaredL2(a, b []float32) float32 {
	d := vek32.Distance(a, b)
	return d * d
}
