package ann

import (
	"fmt"
	"strings"
)

// Metric is a distance between vectors. Under every metric a nearer point has a smaller distance.
type Metric uint8

const (
	Euclidean    Metric = iota // ‖a − b‖, L2
	Cosine                     // 1 − ⟨a, b⟩ / (‖a‖·‖b‖), in [0, 2]; no zero vectors
	InnerProduct               // −⟨a, b⟩; a point need not be its own nearest neighbour
)

// Metrics lists every metric.
var Metrics = []Metric{Euclidean, Cosine, InnerProduct}

var metricNames = [...]string{"euclidean", "cosine", "inner product"}

// String returns the name of the metric.
func (m Metric) String() string {
	if int(m) < len(metricNames) {
		return metricNames[m]
	}
	return fmt.Sprintf("Metric(%d)", uint8(m))
}

// ParseMetric returns the metric with the given name, in any case: l2 or euclidean; cosine or angular; ip, dot, inner
// product or inner_product.
func ParseMetric(name string) (Metric, error) {
	switch strings.ToLower(name) {
	case "l2", "euclidean":
		return Euclidean, nil
	case "cosine", "angular":
		return Cosine, nil
	case "ip", "dot", "inner product", "inner_product":
		return InnerProduct, nil
	}
	return 0, fmt.Errorf("metric %q: must be l2, cosine or ip", name)
}

// Distance returns the distance between a and b, which must have the same length. The inner product is returned as −⟨a,
// b⟩. The cosine distance is computed as half the squared L2 distance of the unit vectors. This form keeps its precision
// for nearly parallel vectors, where 1 − cos loses it.
func (m Metric) Distance(a, b []float32) float32 {
	switch m {
	case Cosine:
		scaleA, scaleB, sum := 1/Length(a), 1/Length(b), 0.
		for i, x := range a {
			d := float64(float64(x)*scaleA) - float64(float64(b[i])*scaleB)
			sum += float64(d * d)
		}
		return float32(sum / 2)
	case InnerProduct:
		return float32(-dot(a, b))
	}
	return L2(a, b)
}

// ZeroError reports a zero vector.
type ZeroError struct{ Row int }

func (e *ZeroError) Error() string {
	return fmt.Sprintf("vectors: row %d is the zero vector, which has no direction and no cosine", e.Row)
}

// Check reports the first vector for which the metric is undefined: the zero vector under Cosine, with a *ZeroError.
func (m Metric) Check(v Vectors) error {
	if int(m) >= len(metricNames) {
		return fmt.Errorf("unknown metric %d", m)
	}
	if m != Cosine {
		return nil
	}
	for i := range v.N {
		if dot(v.Row(i), v.Row(i)) == 0 {
			return &ZeroError{i}
		}
	}
	return nil
}

// Normalized returns a copy of v with every row scaled to length 1. The squared L2 distance of two rows of the copy is
// twice their cosine distance. It is an error if a row is the zero vector.
func Normalized(v Vectors) (Vectors, error) {
	if err := Cosine.Check(v); err != nil {
		return v, err
	}
	unit := Vectors{N: v.N, D: v.D, Data: make([]float32, len(v.Data))}
	for i := range v.N {
		scale := 1 / Length(v.Row(i))
		for j, x := range v.Row(i) {
			unit.Data[i*v.D+j] = float32(float64(x) * scale)
		}
	}
	return unit, nil
}

// dot returns ⟨a, b⟩ in double precision.
func dot(a, b []float32) float64 {
	b = b[:len(a)]
	var sum float64
	for i, x := range a {
		sum += float64(float64(x) * float64(b[i]))
	}
	return sum
}
