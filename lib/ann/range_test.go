package ann

import (
	"math"
	"strings"
	"testing"
)

func TestCheckRange(t *testing.T) {
	for _, test := range []struct {
		name   string
		metric Metric
		rows   []float32 // of two coordinates each
		says   string    // empty: accepted
	}{
		{"ordinary", Euclidean, []float32{1, 2, 3, 4}, ""},
		{"zeros", Euclidean, []float32{0, 0, 0, 0}, ""},
		{"large squares", Euclidean, []float32{1, 2, 1e18, 0}, ""},
		{"too large", Euclidean, []float32{1, 2, 1e20, 0}, "row 1 has length 1e+20: squared distances overflow float32; multiply all vectors by 2^-66"},
		{"too large", Cosine, []float32{1e20, 2, 1, 0}, "row 0 has length 1e+20"},
		{"too small", Euclidean, []float32{3e-22, 4e-22, 0, 0}, "row 0 has length 5e-22: squared distances underflow float32; multiply all vectors by 2^71 (about 1e+21)"},
		{"subnormal", InnerProduct, []float32{1e-41, 0, 0, 2e-41}, "underflow"},
		{"one short row", Euclidean, []float32{1, 2, 1e-30, 0}, ""},
		{"one short row", Cosine, []float32{1, 2, 1e-30, 0}, "row 1 has length 1e-30 and row 0 2.2: the squares of such short vectors underflow float32"},
		{"two equal short rows", Euclidean, []float32{1, 2, 1e-30, 0, 1e-30, 0}, ""},
		{"two short rows", Euclidean, []float32{1, 2, 1e-30, 0, 2e-30, 0}, "row 2 has length 2e-30"},
	} {
		err := CheckRange(Vectors{N: len(test.rows) / 2, D: 2, Data: test.rows}, test.metric)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s, %v: %v", test.name, test.metric, err)
		}
	}
}

func TestPowerOfTwo(t *testing.T) {
	for _, length := range []float64{0, 1e-12, 1, 4e18} {
		if PowerOfTwo(length) != 1 {
			t.Errorf("length %v is scaled by %v", length, PowerOfTwo(length))
		}
	}
	for _, length := range []float64{1e-45, 1e-13, 5e18, 1e39} {
		factor := PowerOfTwo(length)
		if fraction, _ := math.Frexp(factor); fraction != .5 || PowerOfTwo(length*factor) != 1 {
			t.Errorf("length %v is scaled by %v", length, factor)
		}
	}
}

// L2 keeps its digits where squares leave the range of float32, and the cosine distance where 1 − cos is smaller than a
// rounding error.
func TestDistanceKeepsItsDigits(t *testing.T) {
	for _, scale := range []float32{1e-41, 1e-30, 1, 1e30} {
		if got := L2([]float32{3 * scale, 0}, []float32{0, 4 * scale}); math.Abs(float64(got/(5*scale))-1) > 1e-3 {
			t.Errorf("scale %v: %v", scale, got)
		}
	}
	for _, angle := range []float64{1e-2, 1e-5, 1e-7} {
		got := Cosine.Distance([]float32{1, 0}, []float32{1, float32(angle)})
		if want := 2 * math.Pow(math.Sin(math.Atan(angle)/2), 2); math.Abs(float64(got)/want-1) > 1e-6 {
			t.Errorf("angle %v: %v, must be %v", angle, got, want)
		}
	}
	unit, err := Normalized(Vectors{N: 1, D: 2, Data: []float32{3e-42, 4e-42}})
	if err != nil || math.Abs(float64(unit.Data[0])-.6) > 1e-3 || math.Abs(float64(Length(unit.Data))-1) > 1e-7 {
		t.Errorf("the direction of a subnormal vector: %v, %v", unit.Data, err)
	}
}

func TestCheckK(t *testing.T) {
	for says, err := range map[string]error{"only one vector": CheckK(1, 0), "k = 10: must be between 1 and 9": CheckK(10, 9), "k = 0": CheckK(0, 9)} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if err := CheckK(9, 9); err != nil {
		t.Error(err)
	}
}
