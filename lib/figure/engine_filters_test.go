package figure

import (
	"math"
	"strings"
	"testing"

	"anncapacity/lib/compare"
)

// restricted returns synthetic records of the engines of comparison. pgvector HNSW filters the candidates of its search, of which it
// has efSearch; hnswlib only deletes; FAISS HNSW ignores its filter at half of the points.
func restricted() (rows []compare.FilterRecord) {
	add := func(name, kind string, share float64, k, ef int, overlap, fill float64, wrong int) {
		rows = append(rows, compare.FilterRecord{
			Engine: name, Version: "1", Metric: "Euclidean", Kind: kind, Correlation: compare.Anywhere, Share: share, Nearby: share, Allowed: int(share * 10_000), EfSearch: ef, K: k, Queries: 200,
			Overlap: overlap, Fill: fill, FillMin: fill, Wrong: wrong, PerSecond: 100,
		})
	}
	for _, k := range []int{10, 100} {
		for _, share := range []float64{.01, .1, .5, 1} {
			add("FAISS Flat", compare.Filtered, share, k, 0, 1, 1, 0)
			for _, ef := range []int{50, 200} {
				wrong := 0
				if share == .5 {
					wrong = 7
				}
				add("FAISS HNSW", compare.Filtered, share, k, ef, .9, 1, wrong)
				add("pgvector HNSW", compare.Filtered, share, k, ef, .9*min(1, share*float64(ef)/float64(k)), min(1, share*float64(ef)/float64(k)), 0)
			}
		}
		for _, share := range []float64{0, .1, .5} {
			for _, ef := range []int{50, 200} {
				add("hnswlib", compare.Deleted, share, k, ef, .95, 1, 0)
			}
		}
	}
	return rows
}

func TestEngineFilters(t *testing.T) {
	rows := restricted()
	f, err := EngineFilters(comparison(), rows, photographs)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.table) != len(rows)+1 {
		t.Errorf("%d lines of the table, want %d", len(f.table), len(rows)+1)
	}
	var text []string
	for _, line := range f.drawing.Text() {
		text = append(text, line.String)
	}
	for _, want := range []string{"FAISS HNSW *", "* returned points that do not match", "pgvector HNSW", "hnswlib", "50 %", "d   fill"} {
		if all := strings.Join(text, "|"); !strings.Contains(all, want) {
			t.Errorf("the figure lacks %q: %s", want, all)
		}
	}
	if strings.Contains(strings.Join(text, "|"), "Flat") {
		t.Error("an exact engine is drawn")
	}
	said, err := EngineFiltersFindings(rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"With a filter that 1.0 % of the points match, at k = 10 and efSearch 50, the fill is 5.0 % (pgvector HNSW), and 100 % for the others.",
		"The overlap is 90.0 % (FAISS HNSW), 4.5 % (pgvector HNSW).",
		"After 50.0 % of the points are deleted, at the same k and efSearch, the fill is 100 % for every engine. The overlap is 95.0 % (hnswlib).",
		"Points that do not match or are deleted were returned by FAISS HNSW (28 IDs).",
		"Exact engines return full and exact answers in all searches: FAISS Flat.",
	} {
		if all := strings.Join(said, " "); !strings.Contains(all, want) {
			t.Errorf("%q lacks %q", all, want)
		}
	}
}

// Errors and exceptions have sentences, and records with errors are not drawn.
func TestEngineFiltersExceptions(t *testing.T) {
	rows := restricted()
	for i := range rows {
		switch r := &rows[i]; {
		case r.Engine == "FAISS Flat" && r.Share == .1:
			r.Overlap = .5
		case r.Engine == "FAISS HNSW":
			r.Wrong = 0
		case r.Engine == "hnswlib":
			r.Error, r.Overlap, r.Fill = "broken", math.NaN(), math.NaN()
		}
	}
	said, err := EngineFiltersFindings(rows)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(said, " ")
	for _, want := range []string{"No engine returned", "do not return full and exact answers in all searches: FAISS Flat.", "errors for hnswlib."} {
		if !strings.Contains(all, want) {
			t.Errorf("%q lacks %q", all, want)
		}
	}
	if strings.Contains(all, "deleted, at the same") {
		t.Errorf("%q says something of searches that failed", all)
	}
	if _, err := EngineFilters(comparison(), rows, photographs); err != nil {
		t.Error(err)
	}
	if _, err := EngineFilters(comparison(), nil, photographs); err == nil {
		t.Error("a figure without records")
	}
	if said, err := EngineFiltersFindings(nil); err != nil || said != nil {
		t.Errorf("%v, %v", said, err)
	}
	if why := withoutFilters(&Results{Engines: comparison()}); !strings.Contains(why, "--filters") {
		t.Error(why)
	}
}
