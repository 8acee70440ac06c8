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

// Write replaces tables of the same columns. If another file exists, Write keeps it and writes no table.
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

type Pair []float64

func (Pair) ColumnNames() []string { return []string{"overlap", "fill"} }

type recordRow struct {
	K int `csv:"k"`
	Pair
	Queries int `csv:"queries"`
}

// A field of type Numbers has the columns that it names, in the place of the field.
func TestNumbers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.csv")
	if err := WriteRows(path, []recordRow{{10, Pair{.5, 1}, 7}, {K: 20}}); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); string(text) != "k,overlap,fill,queries\n10,0.5,1,7\n20,0,0,0\n" {
		t.Errorf("%s", text)
	}
	rows, err := ReadRows[recordRow](path)
	if err != nil || len(rows) != 2 || !slices.Equal(rows[0].Pair, Pair{.5, 1}) || rows[0].Queries != 7 {
		t.Errorf("%v, %v", rows, err)
	}
	if f := Frame(rows); f.Col("fill").Float()[0] != 1 || f.Col("queries").Float()[0] != 7 {
		t.Errorf("%v", f)
	}
	if _, err := Parse[recordRow]([][]string{{"k", "overlap", "fill", "queries"}, {"10", "0.5", "much", "7"}}); err == nil || !strings.Contains(err.Error(), "line 2: column fill") {
		t.Errorf("text in a column of numbers: %v", err)
	}
}
