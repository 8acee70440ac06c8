package notebook_test

import (
	"fmt"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/notebook"
)

func TestRowsAreNumPys(t *testing.T) {
	rows, err := notebook.Rows(100, 5, 42)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(string(testkit.Python(t, "sample.py", "100,5,42"))); strings.Trim(fmt.Sprint(rows), "[]") != want {
		t.Errorf("%v, NumPy draws %s", rows, want)
	}
}
