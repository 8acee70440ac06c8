package notebook_test

import (
	"slices"
	"testing"

	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/notebook"
)

// Rows returns the rows of package numpy, which is compared with NumPy in its own tests.
func TestRowsAreNumPys(t *testing.T) {
	rows, err := notebook.Rows(100, 5, 42)
	want, wantErr := numpy.Choice(100, 5, 42)
	if err != nil || wantErr != nil || !slices.Equal(rows, want) {
		t.Errorf("%v, %v; want %v, %v", rows, err, want, wantErr)
	}
	if _, err := notebook.Rows(5, 6, 42); err == nil {
		t.Error("no error for 6 rows of 5")
	}
}
