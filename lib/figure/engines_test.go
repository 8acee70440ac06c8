package figure

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/study"
	"anncapacity/lib/words"
)

// comparison imitates what anncapacity engines records of one engine of each policy.
func comparison() *compare.Result {
	r := &compare.Result{}
	add := func(name string, policy engine.Policy, answer func(k, ef int) compare.Record) {
		r.Engines = append(r.Engines, compare.Row{Engine: name, Family: name, Color: "#0072b2", Version: "1", Observed: policy, Points: 10000, Dimensions: 2048})
		ask := func(k, ef int) {
			x := answer(k, ef)
			x.Engine, x.K, x.EfSearch, x.Queries, x.BatchPerSecond = name, k, ef, 200, 1e5/float64(max(ef, 1))
			if policy == engine.Exact {
				x.EfSearch, x.BatchPerSecond = 0, 100
			}
			r.Records = append(r.Records, x)
		}
		for _, k := range study.Ks() {
			ask(k, 50)
		}
		for _, ef := range []int{100, 200, 400} {
			if policy != engine.Exact {
				ask(100, ef)
			}
		}
	}
	at := func(overlap, fill float64) func(int, int) compare.Record {
		return func(k, ef int) compare.Record {
			beyond := min(1, float64(k)/500) // of the way to the largest k
			return compare.Record{Overlap: 1 - beyond*(1-overlap), Fill: 1 - beyond*(1-fill)}
		}
	}
	add("FAISS Flat", engine.Exact, at(1, 1))
	add("FAISS HNSW", engine.Pads, at(.5, .6))
	add("hnswlib", engine.Raises, func(k, ef int) compare.Record {
		return compare.Record{Overlap: .99 - max(0, float64(100-ef)/1000)*max(0, float64(450-k)/450), Fill: 1}
	})
	for i := range r.Records { // the last sweep alone is good at k 100
		if x := &r.Records[i]; x.Engine == "hnswlib" && x.K == 100 && x.EfSearch < 400 {
			x.Overlap = .9
		}
	}
	add("pgvector HNSW", engine.Truncates, at(.1, .1))
	add("Milvus HNSW", engine.Rejects, func(k, ef int) compare.Record {
		if k > ef {
			return compare.Record{Overlap: math.NaN(), Fill: math.NaN(), Error: "ef should be larger than k"}
		}
		return compare.Record{Overlap: .95, Fill: 1}
	})
	r.Engines = append(r.Engines, compare.Row{Engine: "DuckDB vss HNSW", Family: "DuckDB", Color: "#999933", Missing: "is not in this build"})
	return r
}

func bulk() (rows []compare.BulkRow) {
	for _, m := range ann.Metrics {
		for _, x := range []struct {
			engine, way string
			measured    int
			seconds     float64
		}{
			{"anncapacity exact", compare.AllPairs, 100000, 10}, {"FAISS Flat", compare.OneByOne, 6400, 50}, {"FAISS Flat", compare.Batch, 100000, 15},
			{"pgvector exact", compare.OneByOne, 100, 300},
		} {
			rows = append(rows, compare.BulkRow{Engine: x.engine, Metric: m.String(), Way: x.way, Points: 100000, Dimensions: 256, K: 100,
				Measured: x.measured, Seconds: x.seconds, Ratio: x.seconds / 10, Overlap: 1})
		}
		rows = append(rows, compare.BulkRow{Engine: "DuckDB exact", Metric: m.String(), Missing: "is not in this build"})
	}
	return rows
}

func similarWords() (records []words.Record) {
	for _, d := range []int{2, 10, 50} {
		add := func(m words.Method, leaves int, visited, overlap float64) {
			records = append(records, words.Record{Projection: string(words.Random), Dimension: d, Method: string(m), Leaves: leaves, Points: 400000, Queries: 100, K: 10,
				Visited: visited, Overlap: overlap})
		}
		add(words.BruteForce, 0, 1, 1)
		add(words.DepthFirst, 0, float64(d)/50, 1)
		add(words.BestFirst, 0, float64(d)/60, 1)
		add(words.BestFirst, 10, .005, 1-.012*float64(d))
	}
	return records
}

// A panel holds the engines that were seen to do what it says; what is missing has none, and what was refused no line.
func TestEnginePoliciesHoldTheirRecords(t *testing.T) {
	dir, missing := export(t, wholeStudy(1))
	if slices.ContainsFunc(missing, func(m string) bool {
		return strings.HasPrefix(m, "EnginePolicies") || strings.HasPrefix(m, "BulkSearch")
	}) {
		t.Errorf("missing %v", missing)
	}
	lines := map[string]int{}
	for _, r := range dataBeside(t, dir, "EnginePolicies")[1:] {
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
	svg, err := os.ReadFile(filepath.Join(dir, "EnginePolicies.svg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"k &gt; efSearch: an error", "10,000 × 2,048 · 200 queries, efSearch 50", "truncates at efSearch", "share of the k slots"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("the figure does not say %q", want)
		}
	}
}

// Of one index under several policies one line is drawn; NaN is drawn nowhere.
func TestRecallSpeedHoldsTheSweep(t *testing.T) {
	r := comparison()
	for _, policy := range []string{"Pad", "Raise"} {
		r.Engines = append(r.Engines, compare.Row{Engine: samePolicies + policy, Family: "anncapacity", Color: "#000000", Observed: engine.Pads})
		for _, ef := range []int{100, 200} {
			r.Records = append(r.Records, compare.Record{Engine: samePolicies + policy, K: 100, EfSearch: ef, Overlap: .9, BatchPerSecond: 100})
		}
	}
	f, err := RecallSpeed(r, photographs)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, row := range f.data[1:] {
		found[row[1]]++
		if row[0] != "100" || row[4] == "NaN" {
			t.Errorf("line %v", row)
		}
	}
	for name, want := range map[string]int{"FAISS Flat": 1, "FAISS HNSW": 4, "Milvus HNSW": 3, samePolicies + "Pad": 2, samePolicies + "Raise": 0} {
		if found[name] != want {
			t.Errorf("%s: %d, want %d", name, found[name], want)
		}
	}
}

// A setting that another one of the same engine beats in recall and in speed is not drawn.
func TestFrontier(t *testing.T) {
	l := engineLine{records: []compare.Record{
		{EfSearch: 10, Overlap: .5, BatchPerSecond: 100}, {EfSearch: 20, Overlap: .4, BatchPerSecond: 90}, {EfSearch: 50, Overlap: .9, BatchPerSecond: 10},
		{EfSearch: 100, Overlap: .9, BatchPerSecond: 20}, {EfSearch: 200, Overlap: 1, BatchPerSecond: 1}, {EfSearch: 400, Overlap: 1, BatchPerSecond: 1},
	}}
	want := plotter.XYs{{X: nines(.5), Y: 2}, {X: nines(.9), Y: math.Log10(20)}, {X: nines(1), Y: 0}}
	if got := l.frontier(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if math.Abs(nines(1)-4) > 1e-9 || math.Abs(nines(.99)-2) > .01 || math.Abs(nines(0)) > 1e-3 {
		t.Errorf("%v %v %v", nines(1), nines(.99), nines(0))
	}
}

// Engines of one family share a colour and nothing else. A row whose colour is none is an error.
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
		if got := fmt.Sprintf("#%02x%02x%02x", s.color.R, s.color.G, s.color.B); got != r.Color {
			t.Errorf("%s has the colour %s, not %s", r.Engine, got, r.Color)
		}
		d := drawn{s.color.R, s.color.G, s.color.B, s.marker}
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

// Markers of lines on top of each other stand at places of their own, on the line.
func TestSigns(t *testing.T) {
	line := plotter.XYs{{X: 0, Y: 1}, {X: 10, Y: 0}, {X: 20, Y: 0}}
	for i, want := range []plotter.XYs{{{X: 2.5, Y: .75}, {X: 12.5, Y: 0}}, {{X: 7.5, Y: .25}, {X: 17.5, Y: 0}}} {
		if got := signs(line, i, 2); !slices.Equal(got, want) {
			t.Errorf("line %d: %v, want %v", i, got, want)
		}
	}
	if got := signs(line[:1], 0, 2); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// A folder with a comparison alone gives its figures; one with nothing is an error.
func TestResultsWithoutAStudy(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := ReadResults(dir); err == nil || !strings.Contains(err.Error(), study.RecordsFile) {
		t.Errorf("an empty folder: %v", err)
	}
	c := comparison()
	c.Records = filter(c.Records, func(r compare.Record) bool { return r.Error == "" }) // NaN is not equal to itself
	for path, err := range map[string]error{
		"engines.csv":        table.WriteRows(filepath.Join(dir, "engines.csv"), c.Engines),
		"engine_records.csv": table.WriteRows(filepath.Join(dir, "engine_records.csv"), c.Records),
	} {
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	r, missing, err := ReadResults(dir)
	if err != nil || len(r.Engines.Engines) != 6 || !slices.Equal(missing, []string{study.RecordsFile}) {
		t.Fatalf("%+v, missing %v (%v)", r, missing, err)
	}
	out, notDrawn := export(t, r)
	drawn, err := filepath.Glob(filepath.Join(out, "*.pdf"))
	if err != nil || len(drawn) != 2 || len(notDrawn) != len(Catalogue)-2 {
		t.Errorf("drawn %v, not drawn %v (%v)", drawn, notDrawn, err)
	}
	if err := os.WriteFile(filepath.Join(dir, compare.BulkFile), []byte("engine\nx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadResults(dir); err == nil || !strings.Contains(err.Error(), compare.BulkFile) {
		t.Errorf("a file of other columns: %v", err)
	}
}
