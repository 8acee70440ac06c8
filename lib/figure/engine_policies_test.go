package figure

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"anncapacity/lib/compare"
	"anncapacity/lib/study"
)

// A panel has the engines with its observed policy. A missing engine has no panel, and a rejected search has no line.
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

// Engines of one family have the same colour, but different dashes and markers. A row with an invalid colour is an error.
func TestEnginesHaveStylesOfTheirOwn(t *testing.T) {
	var rows []compare.Row
	for family, color := range map[string]string{"FAISS": "#0072b2", "hnswlib": "#d55e00", "gonum": "#009e73"} {
		for _, kind := range []string{"", " exact", " other", " another"} {
			rows = append(rows, compare.Row{Engine: family + kind, Family: family, Color: color})
		}
	}
	look, err := styles(rows)
	if err != nil {
		t.Fatal(err)
	}
	type drawn struct {
		red, green, blue uint8
		marker           any
	}
	seen := map[drawn]string{}
	for _, r := range rows {
		s := look[r.Engine]
		if got := fmt.Sprintf("#%02x%02x%02x", s.Color.R, s.Color.G, s.Color.B); got != r.Color {
			t.Errorf("%s has the colour %s, not %s", r.Engine, got, r.Color)
		}
		d := drawn{s.Color.R, s.Color.G, s.Color.B, s.Marker}
		if other, twice := seen[d]; twice {
			t.Errorf("%s looks like %s", r.Engine, other)
		}
		seen[d] = r.Engine
	}
	for _, wrong := range []string{"", "blue", "#00"} {
		if _, err := styles([]compare.Row{{Engine: "E", Color: wrong}}); err == nil {
			t.Errorf("the colour %q was accepted", wrong)
		}
	}
}
