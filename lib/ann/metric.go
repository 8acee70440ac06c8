package ann

import (
	"fmt"
	"strings"
)

// Metric is what "near" means. Under each of them a nearer point has the smaller distance.
type Metric uint8

const (
	Euclidean    Metric = iota // ‖a − b‖, L2
	Cosine                     // 1 − ⟨a, b⟩ / (‖a‖·‖b‖), in [0, 2]; no zero vectors
	InnerProduct               // −⟨a, b⟩: a point need not be its own nearest neighbour
)

// Metrics lists them all.
var Metrics = []Metric{Euclidean, Cosine, InnerProduct}

var metricNames = [...]string{"euclidean", "cosine", "inner product"}

func (m Metric) String() string {
	if int(m) < len(metricNames) {
		return metricNames[m]
	}
	return fmt.Sprintf("Metric(%d)", uint8(m))
}

// ParseMetric reads the name of a metric as the field writes it: l2 or euclidean, cosine or angular, ip, dot or inner
// product.
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

// Distance is between a and b, which have the same length: of the inner product −⟨a, b⟩, which is negative where the product is
// positive. The cosine's is half the squared distance of the unit vectors, which keeps its digits where 1 − cos loses them:
// between nearly parallel vectors.
func (m Metric) Distance(a, b []float32) float32 {
	switch m {
	case Cosine:
		scaleA, scaleB, sum := 1/Length(a), 1/Length(b), 0.
		for i, x := range a {
			d := float64(x)*scaleA - float64(b[i])*scaleB
			sum += d * d
		}
		return float32(sum / 2)
	case InnerProduct:
		return float32(-dot(a, b))
	}
	return L2(a, b)
}

// Check reports the first vector that the metric has no distances for.
func (m Metric) Check(v Vectors) error {
	if int(m) >= len(metricNames) {
		return fmt.Errorf("unknown metric %d", m)
	}
	if m != Cosine {
		return nil
	}
	for i := range v.N {
		if dot(v.Row(i), v.Row(i)) == 0 {
			return fmt.Errorf("vectors: row %d is the zero vector, which has no direction and no cosine", i)
		}
	}
	return nil
}

// Normalized is a copy with every row of length 1. On it the squared L2 distance is twice the cosine distance. It is
// an error if a row is the zero vector.
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

// dot is ⟨a, b⟩ in double precision.
func dot(a, b []float32) float64 {
	b = b[:len(a)]
	var sum float64
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}
