package figure

import (
	"bytes"
	"encoding/csv"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// records imitate condition 1: the project's overlap falls with k/efSearch and its queries run out of neighbours beyond
// k = 2 efSearch, coder/hnsw's rises with k. Runs differ by .01 from one to the next.
func records(runs int) (all []study.Record) {
	for run := range runs {
		for _, e := range []int{25, 50, 75, 100} {
			for k := 10; k <= 500; k += 10 {
				own := study.Record{Index: study.IndexHNSW, Run: run, Seed: uint64(42 + run), Condition: 1, Parameter: "efSearch",
					Value: float64(e), K: k, EfSearch: e, Queries: 1000}
				own.Set(fidelity.Fill.Mean, 1)
				own.Set(fidelity.Overlap.Mean, 1/(1+float64(k)/float64(10*e))-0.01*float64(run))
				if k > 2*e {
					own.Set(fidelity.EmptyShare.Mean, 0.001)
				}
				coder := own
				coder.Index = indexCoderHNSW
				coder.Set(fidelity.Overlap.Mean, 0.28+0.0006*float64(k)+0.01*float64(run))
				all = append(all, coder, own)
			}
		}
	}
	return all
}

var (
	photographs = Subject{Dataset: "imagenette96", Network: "resnet50-pqf", Points: 10000}
	generated   = Subject{Dataset: "generated", Network: "untrained", Points: 1500}
)

type overlapFigure = func([]study.Record, Subject) (*Figure, error)

var overlapFigures = map[string]overlapFigure{"OverlapFixedEffort": OverlapFixedEffort, "OverlapCollapse": OverlapCollapse}

// save draws a figure and returns its four files by extension.
func save(t *testing.T, draw overlapFigure, runs int, about Subject) map[string][]byte {
	t.Helper()
	f, err := draw(records(runs), about)
	if err != nil {
		t.Fatal(err)
	}
	return saved(t, f)
}

func saved(t *testing.T, f *Figure) map[string][]byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	if err := f.Save(dir); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, extension := range []string{"pdf", "svg", "png", "csv"} {
		content, err := os.ReadFile(filepath.Join(dir, f.Name+"."+extension))
		if err != nil {
			t.Fatal(err)
		}
		files[extension] = content
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 4 {
		t.Errorf("%s left %d files, want 4", f.Name, len(entries))
	}
	return files
}

// The formats are what they should be, at the width of a column, with fonts inside and the subject written out.
func TestSaveWritesFilesForPrint(t *testing.T) {
	for name, draw := range overlapFigures {
		files := save(t, draw, 3, photographs)
		if !bytes.HasPrefix(files["pdf"], []byte("%PDF-")) || !bytes.Contains(files["pdf"], []byte("/FontFile")) {
			t.Errorf("%s.pdf: no PDF with an embedded font", name)
		}
		for _, text := range []string{"@font-face", "imagenette96 · resnet50-pqf · 3 runs of 10,000", "coder/hnsw v0.6.1", "3 runs of 1,000 queries", "HNSW (this project)", "efSearch 75"} {
			if !bytes.Contains(files["svg"], []byte(text)) {
				t.Errorf("%s.svg lacks %q", name, text)
			}
		}
		picture, err := png.Decode(bytes.NewReader(files["png"]))
		if err != nil {
			t.Fatalf("%s.png: %v", name, err)
		}
		if w := picture.Bounds().Dx(); w != 990 {
			t.Errorf("%s.png is %d pixels wide, want 990 (3.3 inches of 300)", name, w)
		}
	}
}

func TestGeneratedImagesAreCalledThat(t *testing.T) {
	for name, draw := range overlapFigures {
		if svg := save(t, draw, 1, generated)["svg"]; !bytes.Contains(svg, []byte("generated images, untrained network · 1 run of 1,500")) {
			t.Errorf("%s.svg does not say that its images are generated and its network is untrained", name)
		}
	}
}

func TestSubjectSaysWhatItIsNot(t *testing.T) {
	for _, c := range []struct {
		about        Subject
		source, told string
	}{
		{photographs, "imagenette96 · resnet50-pqf", "Photographs: **imagenette96**. Network: ResNet-50, **resnet50-pqf**."},
		{generated, "generated images, untrained network", "say nothing about photographs"},
		{Subject{Dataset: "generated-500", Network: "imagenet1k_v2"}, "generated images · imagenet1k_v2", "not photographs"},
		{Subject{Dataset: "stl10", Network: "untrained"}, "stl10 · untrained network", "**Untrained network:**"},
	} {
		if got := c.about.source(); got != c.source {
			t.Errorf("%+v is %q, want %q", c.about, got, c.source)
		}
		if got := c.about.Markdown(); !strings.Contains(got, c.told) {
			t.Errorf("%+v: %q lacks %q", c.about, got, c.told)
		}
	}
	if strings.Contains(photographs.Markdown(), "nothing") {
		t.Error("real photographs are called into doubt")
	}
}

func TestSameRecordsGiveTheSameBytes(t *testing.T) {
	for name, draw := range overlapFigures {
		a, b := save(t, draw, 3, photographs), save(t, draw, 3, photographs)
		shuffled := records(3)
		slices.Reverse(shuffled)
		f, err := draw(shuffled, photographs)
		if err != nil {
			t.Fatal(err)
		}
		c := saved(t, f)
		for extension := range a {
			if !bytes.Equal(a[extension], b[extension]) || !bytes.Equal(a[extension], c[extension]) {
				t.Errorf("%s.%s differs from one writing to the next", name, extension)
			}
		}
	}
}

// The CSV holds the mean of the records at each setting, and the interval: for overlaps m, m−.01, m−.02 the mean is
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

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
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

func TestSaveReportsAFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := OverlapCollapse(records(1), photographs)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Save(file); err == nil {
		t.Error("a figure was saved into a file")
	}
}

// Three vectors of norm 5, 5 and 13: the histogram's table counts each once, from 5 to 13.
func TestNorms(t *testing.T) {
	f, err := Norms(ann.Vectors{N: 3, D: 2, Data: []float32{3, 4, 0, 5, 5, 12}}, generated)
	if err != nil {
		t.Fatal(err)
	}
	files := saved(t, f)
	if !bytes.Contains(files["svg"], []byte("minimum 5.00, mean 7.67, maximum 13.00")) || !bytes.Contains(files["svg"], []byte("generated images, untrained network")) {
		t.Error("the title does not say what is drawn")
	}
	first, last := f.data[1], f.data[len(f.data)-1]
	if first[0] != "5" || first[2] != "2" || last[2] != "1" || len(f.data) != 1+normBins {
		t.Errorf("first bin %v, last bin %v", first, last)
	}
	if _, err := Norms(ann.Vectors{N: 2, D: 1, Data: []float32{0, 0}}, generated); err != nil {
		t.Errorf("equal norms: %v", err)
	}
}
