package cell_test

import (
	"fmt"
	"strings"
	"testing"

	"anncapacity/lib/cell"
	"anncapacity/lib/internal/testkit"
)

func TestRowsAreNumPys(t *testing.T) {
	rows, err := cell.Rows(100, 5, 42)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(string(testkit.Python(t, "sample.py", "100,5,42"))); strings.Trim(fmt.Sprint(rows), "[]") != want {
		t.Errorf("%v, NumPy draws %s", rows, want)
	}
}
