package table

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type surfaceRow struct {
	K        int     `csv:"k"`
	EfSearch int     `csv:"ef_search"`
	Overlap  float64 `csv:"overlap"`
}

type hubnessRow struct {
	EfSearch int     `csv:"ef_search"`
	K        int     `csv:"k"`
	Exact    float64 `csv:"exact"`
}

// Tables are replaced by tables of the same columns; a file that is no such table stays, and then none is written.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one.csv"), filepath.Join(dir, "two.csv")
	row := surfaceRow{K: 10, EfSearch: 20, Overlap: .5}
	for _, k := range []int{1, 2} {
		row.K = k
		if err := Write(New(one, []surfaceRow{row}), New(two, []hubnessRow{{}})); err != nil {
			t.Fatal(err)
		}
		if rows, err := ReadRows[surfaceRow](one); err != nil || !slices.Equal(rows, []surfaceRow{row}) {
			t.Errorf("%v, %v", rows, err)
		}
	}
	before, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	for _, foreign := range []string{"k,ef_search\n", "k", "k,ef_search,exact,ann\n1,2,3,4\n", strings.Join(columns[hubnessRow](), ",")} {
		if err := os.WriteFile(two, []byte(foreign), 0o600); err != nil {
			t.Fatal(err)
		}
		err := Write(New(one, []surfaceRow{{}}), New(two, []hubnessRow{{}}))
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
	if err := WriteRows(two, []hubnessRow{{}}); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}
