package figure

import (
	"math"
	"testing"

	"anncapacity/lib/fidelity"
)

// A share of zero is not drawn on a logarithmic axis, but has a row in the table.
func TestPredictedFailureLeavesOutRunZero(t *testing.T) {
	r := wholeStudy(3)
	for i := range r.Records {
		if r.Records[i].Run == 0 {
			r.Records[i].Set(fidelity.EmptyShare.Mean, 1)
		}
	}
	rows := drawn(t, r, "PredictedFailure").table
	if len(rows) != 1+4*50 {
		t.Errorf("%d lines, want 201", len(rows))
	}
	for _, row := range rows[1:] {
		if k := number(t, row[1]); math.Abs(number(t, row[3])-max(0, (k-200)/1000)) > 1e-12 || number(t, row[2]) != max(0, (k-210)/1000) {
			t.Fatalf("line %v", row)
		}
	}
}
