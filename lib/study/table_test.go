package study

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Tables are replaced by tables of the same columns; a file that is no such table stays, and then none is written.
func TestWriteTables(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one.csv"), filepath.Join(dir, "two.csv")
	row := SurfaceRow{K: 10, EfSearch: 20, Overlap: .5}
	for _, k := range []int{1, 2} {
		row.K = k
		if err := WriteTables(NewTable(one, []SurfaceRow{row}), NewTable(two, []HubnessRow{{}})); err != nil {
			t.Fatal(err)
		}
		if rows, err := ReadRows[SurfaceRow](one); err != nil || !slices.Equal(rows, []SurfaceRow{row}) {
			t.Errorf("%v, %v", rows, err)
		}
	}
	before, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	for _, foreign := range []string{"k,ef_search\n", "k", "k,ef_search,exact,ann\n1,2,3,4\n", strings.Join(columns[HubnessRow](), ",")} {
		if err := os.WriteFile(two, []byte(foreign), 0o600); err != nil {
			t.Fatal(err)
		}
		err := WriteTables(NewTable(one, []SurfaceRow{{}}), NewTable(two, []HubnessRow{{}}))
		if err == nil || !strings.Contains(err.Error(), two) {
			t.Errorf("%q: %v", foreign, err)
		}
		kept, _ := os.ReadFile(two)
		if after, _ := os.ReadFile(one); string(kept) != foreign || string(after) != string(before) {
			t.Errorf("%q: now %q and %q", foreign, kept, after)
		}
	}
	if err := os.Truncate(two, 0); err != nil {
		t.Fatal(err)
	}
	if err := WriteRows(two, []HubnessRow{{}}); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}
