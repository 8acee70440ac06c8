package driver

import (
	"fmt"
	"strings"
	"testing"

	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
)

// The plan of a filtered search reads LIMIT rows from the index and filters them afterwards, so that the answer is short. After a
// deletion, searches still use the index.
func TestPlans(t *testing.T) {
	e := Engines()[1]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	base := enginetest.Gaussian(3000, 16, 1)
	attributes := make([]int32, base.N)
	for i := range attributes {
		attributes[i] = int32(i % 100)
	}
	x := enginetest.Build(t, e, base, engine.Options{Attributes: attributes})
	adapter := engine.Unwrap(x).(*Index)
	plan := func(where string) string {
		t.Helper()
		var kind, text string
		if err := adapter.db.QueryRow("EXPLAIN "+adapter.statement(where, 10), base.Row(0)).Scan(&kind, &text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	const scan = "HNSW_INDEX_SCAN"
	for _, where := range []string{"", "WHERE attribute < 50", "WHERE attribute < 1"} {
		text := plan(where)
		above, _, indexed := strings.Cut(text, scan)
		if !indexed || strings.Contains(above, "FILTER") != (where != "") {
			t.Errorf("the plan of %q:\n%s", where, text)
		}
	}
	var gone []int32
	for id := range int32(base.N / 2) {
		gone = append(gone, 2*id)
	}
	if err := x.Delete(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	if text := plan(""); !strings.Contains(text, scan) {
		t.Errorf("the plan after a deletion:\n%s", text)
	}
	a, err := x.Ask(t.Context(), base.Row(0), 10)
	t.Log(fmt.Sprint(len(a.IDs), " answers after half of the points are deleted: ", a.IDs), err)
}
