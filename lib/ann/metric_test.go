package ann

import (
	"math"
	"testing"
)

func TestMetricNames(t *testing.T) {
	for name, want := range map[string]Metric{
		"l2": Euclidean, "L2": Euclidean, "euclidean": Euclidean, "cosine": Cosine, "angular": Cosine, "IP": InnerProduct, "dot": InnerProduct, "inner product": InnerProduct,
		"inner_product": InnerProduct,
	} {
		if got, err := ParseMetric(name); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for _, m := range Metrics {
		if back, err := ParseMetric(m.String()); err != nil || back != m {
			t.Errorf("%v is read back as %v, %v", m, back, err)
		}
	}
	_, err := ParseMetric("manhattan")
	wantError(t, "manhattan", err, `"manhattan"`)
	if got := Metric(9).String(); got != "Metric(9)" {
		t.Error(got)
	}
}

// (3, 4) and (4, 3): squared distance 2, cosine 24/25, product 24. Nearer is smaller under each.
func TestMetricDistance(t *testing.T) {
	a, b := []float32{3, 4}, []float32{4, 3}
	for m, want := range map[Metric]float64{Euclidean: math.Sqrt2, Cosine: 1. / 25, InnerProduct: -24} {
		if got := m.Distance(a, b); math.Abs(float64(got)-want) > 1e-7*math.Abs(want) {
			t.Errorf("%v: %v, want %v", m, got, want)
		}
	}
	for what, c := range map[string]struct {
		a, b []float32
		want float64
	}{
		"one direction": {[]float32{1, 2}, []float32{3, 6}, 0}, "opposite": {[]float32{1, 0}, []float32{-2, 0}, 2}, "right angle": {[]float32{1, 0}, []float32{0, 5}, 1},
		"nearly parallel": {[]float32{1, 0}, []float32{1, 1e-5}, 5e-11}, // 1 − cos in float32 is 0
	} {
		if got := float64(Cosine.Distance(c.a, c.b)); math.Abs(got-c.want) > 1e-6*c.want+1e-16 {
			t.Errorf("%s: cosine distance %v, want %v", what, got, c.want)
		}
	}
}

func TestMetricCheck(t *testing.T) {
	v := Vectors{N: 2, D: 2, Data: []float32{1, 0, 0, 0}}
	wantError(t, "euclidean", Euclidean.Check(v), "")
	wantError(t, "inner product", InnerProduct.Check(v), "")
	wantError(t, "cosine", Cosine.Check(v), "row 1 is the zero vector")
	wantError(t, "none", Metric(9).Check(v), "unknown metric 9")
	_, err := Normalized(v)
	wantError(t, "normalized", err, "row 1 is the zero vector")
}

// Rows of any length get length 1 and keep their direction; the argument stays.
func TestNormalized(t *testing.T) {
	v := Vectors{N: 3, D: 2, Data: []float32{3, 4, -3e-30, 4e-30, 3e30, -4e30}}
	unit, err := Normalized(v)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float32{.6, .8, -.6, .8, .6, -.8} {
		if math.Abs(float64(unit.Data[i]-want)) > 1e-7 {
			t.Errorf("number %d is %v, want %v", i, unit.Data[i], want)
		}
	}
	if v.Data[0] != 3 {
		t.Error("the argument was changed")
	}
}

// Length neither underflows nor overflows float32.
func TestLength(t *testing.T) {
	for _, scale := range []float32{1e-40, 1, 5e37} {
		if got, want := Length([]float32{3 * scale, -4 * scale / 2, 0}), math.Sqrt(13)*float64(scale); math.Abs(got-want) > 1e-4*want {
			t.Errorf("length %g, want %g", got, want)
		}
	}
}
