package stop

import (
	"testing"

	"anncapacity/lib/internal/testkit"
)

var ascending = []Effort{
	{1, .5, 1, 1, 10, 2}, {2, .5, 2, 2, 20, 4}, {4, .75, 4, 4, 40, 8}, {8, 1, 8, 6, 80, 16}, {9, 1, 9, 7, 90, 18},
}

// Calibrate returns the lowest threshold with the recall.
func TestCalibrate(t *testing.T) {
	for recall, want := range map[float64]float64{.1: 1, .5: 1, .51: 4, .75: 4, .76: 8, 1: 8} {
		if e, err := Calibrate(ascending, recall); err != nil || e.Threshold != want {
			t.Errorf("recall %v: %+v, %v, want threshold %v", recall, e, err, want)
		}
	}
	_, err := Calibrate(ascending[:3], .8)
	testkit.WantMentions(t, "not reached", err, "0.8", "0.7500")
	_, err = Calibrate(nil, .8)
	testkit.WantMentions(t, "no efforts", err, "not reached")
}

// Between two thresholds every quantity is linear in the recall.
func TestAt(t *testing.T) {
	for recall, want := range map[float64]Effort{
		.1: ascending[0], .5: ascending[0], .75: ascending[2], 1: ascending[3],
		.625: {3, .625, 3, 3, 30, 6}, .875: {6, .875, 6, 5, 60, 12},
	} {
		if e, ok := At(ascending, recall); !ok || e != want {
			t.Errorf("recall %v: %+v, %t, want %+v", recall, e, ok, want)
		}
	}
	if e, ok := At(ascending[:3], .8); ok {
		t.Errorf("recall .8 of at most .75: %+v", e)
	}
}

func TestRules(t *testing.T) {
	for _, r := range Rules {
		if got, err := RuleOf(r.Key); err != nil || got.Name != r.Name {
			t.Errorf("%s: %+v, %v", r.Key, got, err)
		}
		for _, units := range []int{1, 2, 19, 20, 41, 100_000} {
			all := r.thresholds(units)
			for i := 1; i < len(all); i++ {
				if all[i] <= all[i-1] {
					t.Fatalf("%s, %d units: threshold %v after %v", r.Key, units, all[i], all[i-1])
				}
			}
			if last := all[len(all)-1]; (r.Key == "fixed" || r.Key == "settled") != (last == float64(units)) && units > 1 {
				t.Errorf("%s, %d units: the last threshold is %v", r.Key, units, last)
			}
		}
	}
	_, err := RuleOf("never")
	testkit.WantMentions(t, "unknown rule", err, `"never"`)
}
