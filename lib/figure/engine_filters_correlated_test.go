package figure

import (
	"errors"
	"math"
	"strings"
	"testing"

	"anncapacity/lib/compare"
)

// correlated returns the rows of restricted, and rows by position: of the points that match, pgvector HNSW finds none that are far, and
// all that are near; the overlap of FAISS HNSW falls less. Milvus HNSW has an error where they are far.
func correlated() []compare.FilterRecord {
	rows := restricted()
	for _, correlation := range []string{compare.Near, compare.Far} {
		for _, share := range []float64{.01, .1, .5, 1} {
			for _, name := range []string{"FAISS HNSW", "pgvector HNSW", "Milvus HNSW"} {
				r := compare.FilterRecord{
					Engine: name, Version: "1", Metric: "Euclidean", Kind: compare.Filtered, Correlation: correlation, Share: share, EfSearch: 50, K: 10,
					Queries: 100, Overlap: .9, Fill: 1, FillMin: 1, Nearby: .7, PerSecond: 100,
				}
				if correlation == compare.Far {
					r.Nearby = 0
					switch {
					case name == "Milvus HNSW":
						r.Error, r.Overlap, r.Fill = "broken", math.NaN(), math.NaN()
					case name == "pgvector HNSW" && share < 1:
						r.Overlap, r.Fill = 0, 0
					case share == .01:
						r.Overlap, r.Wrong = .8, 3
					}
				}
				rows = append(rows, r)
			}
		}
	}
	return rows
}

func TestEngineFiltersCorrelated(t *testing.T) {
	rows := correlated()
	f, err := EngineFiltersCorrelated(comparison(), rows, photographs)
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + 2*4*3; len(f.table) != want {
		t.Errorf("%d lines of the table, want %d", len(f.table), want)
	}
	var text []string
	for _, line := range f.drawing.Text() {
		text = append(text, line.String)
	}
	if all := strings.Join(text, "|"); !strings.Contains(all, "queries: 100 far, 100 near") || !strings.Contains(all, "FAISS HNSW *") {
		t.Error(all)
	}
	said, err := EngineFiltersCorrelatedFindings(rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Where the points that match are far from the queries instead of anywhere, the overlap falls most for pgvector HNSW (90.0 % to 0.0 % where 50.0 % match), " +
			"FAISS HNSW (90.0 % to 80.0 % where 1.0 % match).",
		"Of the 10 nearest of all points, those that match a filter of 1.0 % of the points are 1.0 % (anywhere), 0.0 % (far), 70.0 % (near).",
		"With a filter that 1.0 % of the points match, far from the queries, at k = 10 and efSearch 50, the fill is 0.0 % (pgvector HNSW), and 100 % for the others.",
		"Where they are near the queries, at the same k and efSearch, the fill is 100 % for every engine.",
		"were returned by FAISS HNSW (3 IDs).", "errors for Milvus HNSW.",
	} {
		if all := strings.Join(said, " "); !strings.Contains(all, want) {
			t.Errorf("%q lacks %q", all, want)
		}
	}
}

// Records by position are no part of the other figure, and without them there is no figure.
func TestEngineFiltersCorrelatedApart(t *testing.T) {
	with, err := EngineFiltersFindings(correlated())
	if err != nil {
		t.Fatal(err)
	}
	without, err := EngineFiltersFindings(restricted())
	if err != nil || strings.Join(with, " ") != strings.Join(without, " ") {
		t.Errorf("%q, want %q (%v)", with, without, err)
	}
	f, err := EngineFilters(comparison(), correlated(), photographs)
	if err != nil || len(f.table) != len(restricted())+1 {
		t.Errorf("%d lines of the table (%v)", len(f.table), err)
	}
	if _, err := EngineFiltersCorrelated(comparison(), restricted(), photographs); !errors.Is(err, errNoRecords) {
		t.Errorf("a figure without records: %v", err)
	}
	if said, err := EngineFiltersCorrelatedFindings(restricted()); err != nil || said != nil {
		t.Errorf("%v, %v", said, err)
	}
	rows := filter(correlated(), func(r compare.FilterRecord) bool { return r.Correlation != compare.Far || r.Engine == "Milvus HNSW" })
	if said := fallSentence(rows); !strings.HasPrefix(said, "No overlap falls by 5 points") {
		t.Error(said)
	}
}
