package figure

import (
	"bytes"
	"encoding/csv"
	"math"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// The table has the mean of the records at each setting, and the interval: for overlaps m, m−.01, m−.02 the mean is
// m−.01, the standard deviation .01, and the half width 4.302653 · .01 / √3 (Student's t, 2 degrees of freedom).
func TestCSVHoldsWhatIsPlotted(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(save(t, OverlapFixedEffort, 3, photographs)["csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + 2*4*50; len(rows) != want {
		t.Fatalf("%d lines, want %d", len(rows), want)
	}
	half := 4.302652729911275 * 0.01 / math.Sqrt(3)
	for _, r := range rows[1 : 1+4*50] {
		k, e := number(t, r[4]), number(t, r[1])
		mean := 1/(1+k/(10*e)) - 0.01
		got := []float64{number(t, r[5]), number(t, r[6]), number(t, r[7]), number(t, r[8])}
		for i, want := range []float64{k / e, mean, mean - half, mean + half} {
			if r[0] != study.IndexHNSW || r[2] != "3" || r[3] != "1000" || math.Abs(got[i]-want) > 1e-9 {
				t.Fatalf("line %v: column %d is %v, want %v", r, 5+i, got[i], want)
			}
		}
	}
	for _, r := range strings.Split(strings.TrimSpace(string(save(t, OverlapFixedEffort, 1, photographs)["csv"])), "\n")[1:] {
		if !strings.HasSuffix(r, ",,") {
			t.Fatalf("a single run has no interval, got %q", r)
		}
	}
}

func TestBadRecords(t *testing.T) {
	change := func(f func(r *study.Record)) []study.Record {
		all := records(2)
		f(&all[7])
		return all
	}
	for name, bad := range map[string][]study.Record{
		"none":                nil,
		"other condition":     {{Index: study.IndexHNSW, Condition: 2, K: 10, EfSearch: 50}},
		"NaN":                 change(func(r *study.Record) { r.Set(fidelity.Overlap.Mean, math.NaN()) }),
		"overlap above 1":     change(func(r *study.Record) { r.Set(fidelity.Overlap.Mean, 1.5) }),
		"k 0":                 change(func(r *study.Record) { r.K = 0 }),
		"efSearch 0":          change(func(r *study.Record) { r.EfSearch = 0 }),
		"no queries":          change(func(r *study.Record) { r.Queries = 0 }),
		"other queries":       change(func(r *study.Record) { r.Queries = 7 }),
		"a record twice":      append(records(2), records(2)[7]),
		"a run lacking":       records(2)[1:],
		"a run of a stranger": change(func(r *study.Record) { r.Run = 9 }),
	} {
		for figure, draw := range overlapFigures {
			if _, err := draw(bad, photographs); err == nil {
				t.Errorf("%s: %s was drawn", name, figure)
			}
		}
		if _, err := FixedEffortFindings(bad); err == nil {
			t.Errorf("%s: findings were written", name)
		}
	}
	if _, err := Norms(ann.Vectors{}, photographs); err == nil {
		t.Error("norms of nothing were drawn")
	}
}

// The synthetic overlap is 1/(1+k/(10 efSearch)): at k = 260 from 1/2.04 to 1/1.26, and the same for all efSearch at
// one k/efSearch; its steepest step is the first of efSearch 25, from 1/1.04 to 1/1.08.
func TestFixedEffortFindings(t *testing.T) {
	got, err := FixedEffortFindings(records(1))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"HNSW's overlap at k = 260 is 49.0–79.4 % over all efSearch; at a fixed k / efSearch it is 96.2 % at k = 0.4 × efSearch, " +
			"78.1 % at k = 2.8 × efSearch, 67.6 % at k = 4.8 × efSearch.",
		"From one k to the next HNSW's overlap decreases by at most 3.6 percentage points (at k = 20), and the first query that gets fewer " +
			"neighbours than it requests occurs at k = 60 with efSearch 25, k = 110 with efSearch 50, k = 160 with efSearch 75, " +
			"k = 210 with efSearch 100.",
		"coder/hnsw v0.6.1, on the same points, reaches 28.6 % at k = 10 and 58.0 % at k = 500, and its overlaps at different " +
			"efSearch differ by at most 0.0 percentage points.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestFindingsOfOneIndexAlone(t *testing.T) {
	only := func(index string) []study.Record {
		return slices.DeleteFunc(records(1), func(r study.Record) bool { return r.Index != index })
	}
	got, err := FixedEffortFindings(only(study.IndexHNSW))
	if err != nil || got[2] != "coder/hnsw v0.6.1 was not run." {
		t.Errorf("without coder/hnsw: %v, %v", got, err)
	}
	if _, err := FixedEffortFindings(only(coder.Key)); err == nil {
		t.Error("findings without the project's index")
	}
}
