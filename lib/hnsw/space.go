package hnsw

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw/internal/rounded"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/rows"
)

// Space holds the indexed points and computes the values that order them. OnMatrix, OnVectors and OnMetric return a Space.
//
// The value of a point relative to a query is the squared L2 distance (of unit vectors for the cosine), or the negated
// inner product.
type Space interface {
	// Len returns the number of indexed points.
	Len() int
	metric() ann.Metric
	// scale returns the factor that the points were multiplied by: 1, or a power of two that keeps the squares in the range
	// of float32.
	scale() float64
	// check returns an error if the values would be wrong.
	check() error
	// from returns a source of values relative to an indexed point. It may change and return old, which is nil or a source that
	// this space returned before, so that a construction does not allocate one for every list of links.
	from(point int32, old source) source
	// fromVector returns a source of values relative to a vector.
	fromVector(vector []float32) (source, error)
	// anyNearer reports whether the value between point and any of ids is less than limit.
	anyNearer(point int32, ids []int32, limit float32) bool
}

// source computes values relative to one point.
type source interface {
	// values sets out[i] to the value of ids[i].
	values(ids []int32, out []float32)
}

// Matrix holds the squared L2 distances between all pairs of n vectors. exact.AllPairs returns one.
type Matrix interface {
	// Len returns n.
	Len() int
	// Row returns the squared distances of vector i to all n vectors, times Scale². The result must not be modified.
	Row(i int32) []float32
	// Scale returns the factor that the vectors were multiplied by: 1, or a power of two.
	Scale() float64
}

// OnMatrix returns the space of the points whose distances m holds. Queries must be indexed points.
func OnMatrix(m Matrix) Space { return matrixSpace{m, m.Len(), ann.Euclidean, m.Scale()} }

type matrixSpace struct {
	m      interface{ Row(i int32) []float32 }
	n      int
	kind   ann.Metric
	factor float64
}

func (s matrixSpace) Len() int { return s.n }

func (s matrixSpace) metric() ann.Metric { return s.kind }

func (s matrixSpace) scale() float64 { return s.factor }

func (s matrixSpace) check() error { return nil }

func (s matrixSpace) from(point int32, old source) source {
	from, ok := old.(*matrixRow)
	if !ok {
		from = new(matrixRow)
	}
	*from = s.m.Row(point)
	return from
}

// free frees the matrix if Build has computed it.
func (s matrixSpace) free() {
	if m, ok := s.m.(*rounded.Matrix); ok {
		m.Free()
	}
}

func (s matrixSpace) fromVector([]float32) (source, error) {
	return nil, errors.New("hnsw: an index on a matrix of distances accepts indexed points as queries only; use OnVectors")
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

func (row *matrixRow) values(ids []int32, out []float32) {
	for i, id := range ids {
		out[i] = (*row)[id]
	}
}

// OnVectors returns a space that computes L2 distances when they are needed, so that no n × n matrix is stored. The one
// exception is Build, which computes a matrix of up to 16,384 vectors, rounded to 16 bits, if Options.MaxMatrix allows it; it holds
// n² float32 during the build. For other large sets, Build orders points by vectors rounded to 8 bits, which it holds during the
// build, if the nearest neighbours of a few points are mostly the same with them. The graphs of AsFAISS115 are not built on
// these. Build returns the memory of the matrix and of the rounded vectors to the kernel before it returns.
//
// If the squares of the vectors would overflow or underflow float32, the space holds a copy that is multiplied by a power
// of two. If the lengths of the vectors differ too much for any factor, Build and NewWalker return an error.
func OnVectors(v ann.Vectors) Space { return scaled(v, ann.Euclidean) }

// OnMetric is like OnVectors, for any metric. For the cosine, the space holds a normalised copy in float32, which does not
// distinguish vectors whose directions differ by less than about 10⁻⁷. OnMetric returns an error for a zero vector under
// the cosine.
func OnMetric(v ann.Vectors, metric ann.Metric) (Space, error) {
	if err := metric.Check(v); err != nil {
		return nil, fmt.Errorf("hnsw: %w", err)
	}
	if metric == ann.Cosine {
		unit, err := ann.Normalized(v)
		return &vectorSpace{v: unit, kind: metric, factor: 1}, err
	}
	s := scaled(v, metric)
	return s, s.unusable
}

// scaled returns the space of v, multiplied by a power of two that keeps the squares in the range of float32.
func scaled(v ann.Vectors, metric ann.Metric) *vectorSpace {
	workers := parallel.Limit(max(1, v.N))
	longest := make([]float64, workers) // by worker
	parallel.Workers(v.N, workers, func(w, i int) { longest[w] = max(longest[w], ann.Length(v.Row(i))) })
	s := &vectorSpace{kind: metric, factor: ann.PowerOfTwo(slices.Max(longest))}
	s.v = ann.Vectors{N: v.N, D: v.D, Data: multiplied(v.Data, s.factor)}
	if err := ann.CheckRange(s.v, metric); err != nil {
		s.unusable = fmt.Errorf("hnsw: %w", err)
	}
	return s
}

// multiplied returns data times factor. If the factor is 1, it returns data itself.
func multiplied(data []float32, factor float64) []float32 {
	if factor == 1 {
		return data
	}
	out := make([]float32, len(data))
	for i, x := range data {
		out[i] = float32(float64(x) * factor)
	}
	return out
}

type vectorSpace struct {
	v      ann.Vectors // unit vectors for the cosine, otherwise multiplied by factor
	kind   ann.Metric
	factor float64

	unusable error // why no graph can be built or walked on the space, or nil
}

func (s *vectorSpace) Len() int { return s.v.N }

func (s *vectorSpace) metric() ann.Metric { return s.kind }

func (s *vectorSpace) scale() float64 { return s.factor }

func (s *vectorSpace) check() error { return s.unusable }

func (s *vectorSpace) from(point int32, old source) source {
	from, ok := old.(*vectorFrom)
	if !ok {
		from = &vectorFrom{space: s}
	}
	from.vector = s.v.Row(int(point))
	return from
}

func (s *vectorSpace) fromVector(vector []float32) (source, error) {
	if s.kind == ann.Cosine {
		unit, err := ann.Normalized(ann.Vectors{N: 1, D: len(vector), Data: vector})
		if err != nil {
			return nil, fmt.Errorf("hnsw: the query: %w", err)
		}
		return &vectorFrom{s, unit.Data}, nil
	}
	vector = multiplied(vector, s.factor)
	if length := ann.Length(vector); ann.PowerOfTwo(length) < 1 {
		return nil, fmt.Errorf("hnsw: the query has length %.2g, which is too large relative to the indexed vectors: its square overflows float32", length/s.factor)
	}
	return &vectorFrom{s, vector}, nil
}

func (s *vectorSpace) anyNearer(point int32, ids []int32, limit float32) bool {
	vector, values := s.v.Row(int(point)), [together]float32{}
	for len(ids) > 0 {
		n := min(together, len(ids))
		s.values(vector, ids[:n], values[:n])
		for _, value := range values[:n] {
			if value < limit {
				return true
			}
		}
		ids = ids[n:]
	}
	return false
}

// together is the number of values that anyNearer computes before it compares them.
const together = 4

// values sets out[i] to the squared L2 distance or the negated inner product between vector and point ids[i].
func (s *vectorSpace) values(vector []float32, ids []int32, out []float32) {
	if s.kind == ann.InnerProduct {
		rows.NegatedProduct(vector, s.v.Data, ids, out)
		return
	}
	rows.SquaredL2(vector, s.v.Data, ids, out)
}

// Build uses the matrix of all pairs for at most matrixPoints vectors of at least matrixDimensions dimensions, where it is
// faster. Speed on the matrix relative to the vectors, on 2 cores: 3.6 for 8,000 × 2048, 1.4 for 12,000 × 512, 0.75 for
// 12,000 × 128.
const (
	matrixPoints     = 16384
	matrixDimensions = 512
)

// Build uses codes for at least codePoints vectors. A graph on fewer is built within a second on the vectors.
const codePoints = 4096

// forConstruction returns the space that a graph is built on: the matrix of all pairs of the vectors, rounded to 16 bits,
// if that is faster, or codes of 8 bits, if the insertion does not promise the graph of an engine; s itself if the rounding
// is too coarse for these vectors. If the result is a temporary, it must be freed.
func (s *vectorSpace) forConstruction(ctx context.Context, o Options) (Space, error) {
	switch {
	case o.allowsMatrix(s.v.N, s.v.D):
		if m, err := rounded.AllPairs(ctx, s.v, s.kind); m != nil {
			return matrixSpace{m, s.v.N, s.kind, s.factor}, nil
		} else if err != nil {
			return nil, err
		}
	case o.allowsCodes(s.v.N):
		if c := encode(s.v, s.kind); c != nil {
			if fine, err := c.fineEnough(ctx, s); fine && err == nil {
				return c, nil
			} else if c.free(); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

type vectorFrom struct {
	space  *vectorSpace
	vector []float32
}

func (f *vectorFrom) values(ids []int32, out []float32) { f.space.values(f.vector, ids, out) }
