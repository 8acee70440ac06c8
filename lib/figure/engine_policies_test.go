package figure

import (
	"math"
	"strings"
	"testing"

	"anncapacity/lib/study"
)

// A panel holds the engines that were seen to do what it says; what is missing has none, and what was refused no line.
func TestEnginePoliciesHoldTheirRecords(t *testing.T) {
	f := drawn(t, wholeStudy(1), "EnginePolicies")
	lines := map[string]int{}
	for _, r := range f.table[1:] {
		lines[r[0]+": "+r[1]]++
		if r[1] == "pgvector HNSW" && r[4] == "500" && math.Abs(number(t, r[5])-.1)+math.Abs(number(t, r[6])-.1) > 1e-9 {
			t.Errorf("line %v", r)
		}
		if r[1] == "Milvus HNSW" && (r[8] != "") != (number(t, r[4]) > 50) {
			t.Errorf("line %v", r)
		}
	}
	for _, want := range []string{"exact: FAISS Flat", "pads: FAISS HNSW", "raises: hnswlib", "truncates: pgvector HNSW", "rejects: Milvus HNSW"} {
		if lines[want] != len(study.Ks()) {
			t.Errorf("%s: %d lines of %v", want, lines[want], lines)
		}
	}
	if len(lines) != 5 {
		t.Errorf("%v", lines)
	}
	svg := saved(t, f)["svg"]
	for _, want := range []string{"k &gt; efSearch: an error", "10,000 × 2,048 · 200 queries, efSearch 50", "truncates at efSearch", "share of the k slots"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("the figure does not say %q", want)
		}
	}
}

// Engines of one family share a colour and nothing else.
func TestEnginesHaveStylesOfTheirOwn(t *testing.T) {
	names := []string{"FAISS Flat", "FAISS HNSW", "FAISS HNSW, unbounded queue", "FAISS IVF", "hnswlib", "gonum k-d tree", "k-d tree, best first", "pgvector HNSW", "an engine of tomorrow"}
	look := styles(names)
	type drawn struct {
		red, green, blue uint8
		marker           any
	}
	seen := map[drawn]string{}
	for _, name := range names {
		s := look[name]
		d := drawn{s.Color.R, s.Color.G, s.Color.B, s.Marker}
		if other, twice := seen[d]; twice {
			t.Errorf("%s looks like %s", name, other)
		}
		seen[d] = name
	}
	if look["FAISS Flat"].Color != look["FAISS IVF"].Color || look["FAISS Flat"].Color == look["hnswlib"].Color {
		t.Error("families and colours do not go together")
	}
}
