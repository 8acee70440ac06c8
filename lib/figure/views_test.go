package figure

import (
	"bytes"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/capacity"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// wholeStudy imitates the records of every condition on the project's index. Each measure of a record is a number of its own,
// so that a panel that draws the wrong one shows it; runs differ by .01 from one to the next.
func wholeStudy(runs int) *Results {
	r := &Results{Engines: comparison(), Bulk: bulk(), Words: similarWords()}
	for _, c := range study.Conditions {
		for run := range runs {
			for _, value := range c.Values {
				for _, k := range study.Ks() {
					d := 0.01 * float64(run)
					record := study.Record{
						Index: study.IndexHNSW, Run: run, Condition: c.Number, Parameter: c.Parameter, Value: value, K: k, EfSearch: 50,
						Queries: 1000,
					}
					for column, x := range map[fidelity.Column]float64{
						fidelity.Fill.Mean: 1, fidelity.Overlap.Mean: 1/(1+float64(k)/1000/(1+value)) - d,
						fidelity.Distance.ExactMean: 7 + float64(k)/1000, fidelity.Distance.Mean: 7.2 + float64(k)/900 - d,
						fidelity.DistanceRatio.Mean: 1.02 + d, fidelity.BarycenterShift.Mean: .05 + d,
						fidelity.LID.ExactMean: 20, fidelity.LID.Mean: 15 + d, fidelity.EmptyShare.Mean: max(0, float64(k-200)/1000),
						fidelity.PublishedDistance.ExactMean: 60, fidelity.PublishedDistance.Mean: 60 + d, fidelity.PublishedBarycenterShift.Mean: .002 + d, fidelity.PublishedLID.Mean: 7 + d,
					} {
						record.Set(column, x)
					}
					if c.Parameter == study.EfSearch {
						record.EfSearch = int(value)
					}
					if c.Name == study.AsPublished {
						r.AsPublished = append(r.AsPublished, record)
					} else {
						r.Records = append(r.Records, record)
					}
				}
			}
		}
	}
	r.Capacity = explanation()
	return r
}

// explanation imitates the tables of capacity.Run.
func explanation() *capacity.Results {
	x := &capacity.Results{}
	for _, e := range []int{2, 25, 50, 75, 100, 1000} {
		for _, k := range study.Ks() {
			x.Surface = append(x.Surface, capacity.SurfaceRow{K: k, EfSearch: e, Overlap: 1 / (1 + float64(k)/float64(5*e))})
		}
	}
	for _, e := range []int{25, 50, 75, 100} {
		for i := 1; i <= 100; i++ {
			x.Capacity = append(x.Capacity, capacity.Row{EfSearch: e, Share: float64(i) / 100, Capacity: e * (3 + i/10)})
		}
		for _, k := range study.Ks() {
			x.Failure = append(x.Failure, capacity.FailureRow{EfSearch: e, K: k, Predicted: max(0, float64(k-210)/1000)})
		}
		for _, c := range []struct{ m, construction int }{{32, 50}, {32, 200}, {8, 200}} {
			for queries, k := 1, 400.0; queries <= 1000; queries, k = 10*queries, k/2 {
				x.HardFailure = append(x.HardFailure, capacity.HardFailureRow{M: c.m, EfConstruction: c.construction, EfSearch: e, Queries: queries, K: k + float64(e)})
			}
		}
		x.Hubness = append(x.Hubness, capacity.HubnessRow{EfSearch: e, K: 10, Exact: 3, ANN: 2.9}, capacity.HubnessRow{EfSearch: e, K: 500, Exact: -1, ANN: -.8})
	}
	for _, policy := range []string{"Pad", "Raise", "Truncate", "Reject"} {
		for _, k := range study.Ks() {
			x.Policies = append(x.Policies, capacity.PolicyRow{Policy: policy, EfSearch: 50, K: k, Overlap: 1 / float64(k), Fill: .5})
		}
	}
	for _, selection := range []string{"when full (FAISS)", "always"} {
		for _, c := range []int{50, 100} {
			x.Construction = append(x.Construction, capacity.ConstructionRow{M: 32, EfConstruction: c, Selection: selection, MeanLinks: float64(c) / 3, Overlap100: .9, Overlap500: .6})
		}
	}
	return x
}

func dataBeside(t *testing.T, dir, name string) (rows [][]string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err = csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func export(t *testing.T, r *Results) (dir string, missing []string) {
	t.Helper()
	dir = t.TempDir()
	missing, err := Export{Results: r, About: photographs, Out: dir, Command: CommandLine("out/a job", "figures/x", photographs)}.Save()
	if err != nil {
		t.Fatal(err)
	}
	return dir, missing
}

// Every figure of the catalogue is drawn in four formats and described; what no record is there for is named.
func TestExportDrawsTheCatalogue(t *testing.T) {
	dir, missing := export(t, wholeStudy(3))
	if len(missing) != 1 || !strings.HasPrefix(missing[0], "FiveViewsCoderHNSW: no records") {
		t.Errorf("missing: %v, want coder/hnsw alone", missing)
	}
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"imagenette96 · resnet50-pqf", "anncapacity figures --records 'out/a job' --out figures/x --dataset imagenette96 --network resnet50-pqf",
		"HNSW (this project): 3 runs of 1,000 queries", "## Not drawn", "FiveViewsCoderHNSW: no records",
	} {
		if !strings.Contains(string(readme), want) {
			t.Errorf("README.md lacks %q", want)
		}
	}
	for _, e := range Catalogue {
		if e.Name == "FiveViewsCoderHNSW" {
			continue
		}
		for _, extension := range []string{"pdf", "svg", "png", "csv"} {
			if _, err := os.Stat(filepath.Join(dir, e.Name+"."+extension)); err != nil {
				t.Error(err)
			}
		}
		if !strings.Contains(string(readme), "## "+e.Name) || !strings.Contains(string(readme), e.Shows) {
			t.Errorf("README.md does not describe %s", e.Name)
		}
	}
}

// A study of condition 1 alone, of one run and without Explain, gives what it can.
func TestExportOfAPartOfAStudy(t *testing.T) {
	r := wholeStudy(1)
	part := &Results{Records: filter(r.Records, func(r study.Record) bool { return r.Condition == 1 })}
	dir, missing := export(t, part)
	drawn, err := filepath.Glob(filepath.Join(dir, "*.pdf"))
	if err != nil || len(drawn) != 4 || len(missing) != len(Catalogue)-4 {
		t.Errorf("%d figures drawn, want 4 (%v); missing %v", len(drawn), err, missing)
	}
	part.Capacity = r.Capacity
	if _, missing = export(t, part); !slices.ContainsFunc(missing, func(m string) bool { return strings.HasPrefix(m, "PredictedFailure") && strings.Contains(m, "run 0") }) {
		t.Errorf("failures of run 0 alone were compared with nothing: %v", missing)
	}
	bad := wholeStudy(2)
	bad.Records = bad.Records[1:]
	if _, err := (Export{Results: bad, About: photographs, Out: t.TempDir()}).Save(); err == nil {
		t.Error("a run that lacks a k was drawn")
	}
}

// The CSV beside five views holds the means of three runs: .01 above the first run's measure, or below.
func TestFiveViewsHoldTheirMeasures(t *testing.T) {
	dir, _ := export(t, wholeStudy(3))
	found := map[string]float64{}
	for _, r := range dataBeside(t, dir, "FiveViewsIndexQuality")[1:] {
		if r[3] == "400" && r[6] == "100" {
			found[r[0]] = number(t, r[7])
			if r[1] != study.IndexHNSW || r[2] != study.EfConstruction || r[4] != "3" || r[5] != "1000" {
				t.Errorf("line %v", r)
			}
		}
	}
	for name, want := range map[string]float64{
		"overlap": 1/(1+.1/401) - .01, "distance_exact": 7.1, "distance_ann": 7.2 + 100./900 - .01, "distance_error_percent": 3,
		"barycenter_shift": .06, "lid_exact": 20, "lid_ann": 15.01,
	} {
		if math.Abs(found[name]-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, found[name], want)
		}
	}
	if len(found) != 7 {
		t.Errorf("%d measures, want 7: %v", len(found), found)
	}
}

// The authors' numbers stand beside ours at the same setting and k, for condition 3 those of efConstruction 400.
func TestPublishedFiguresHoldTheAuthorsNumbers(t *testing.T) {
	dir, _ := export(t, wholeStudy(2))
	for name, condition := range map[string]int{"PublishedFixedEffort": 1, "PublishedIndexQuality": 2, "PublishedScaledEffort": 3} {
		compared := 0
		for _, r := range dataBeside(t, dir, name)[1:] {
			theirs, ok := study.PublishedAt(condition, number(t, r[3]), int(number(t, r[6])))
			want := map[string]float64{
				"overlap": theirs.Overlap, "published_distance_exact": theirs.DistanceExact, "published_barycenter_shift": theirs.BarycenterShift,
				"published_lid_ann": theirs.LIDANN, "published_distance_ratio": theirs.DistanceANN / theirs.DistanceExact,
			}
			if !ok || number(t, r[8]) != want[r[0]] {
				t.Fatalf("%s: line %v, published %v", name, r, want[r[0]])
			}
			compared++
		}
		if want := 5 * 50 * len(study.Conditions[condition-1].Values); compared != want {
			t.Errorf("%s compares %d numbers, want %d", name, compared, want)
		}
	}
}

// A share of zero has no place on a logarithmic axis, and a line in the CSV all the same.
func TestPredictedFailureLeavesOutRunZero(t *testing.T) {
	r := wholeStudy(3)
	for i := range r.Records {
		if r.Records[i].Run == 0 {
			r.Records[i].Set(fidelity.EmptyShare.Mean, 1)
		}
	}
	dir, _ := export(t, r)
	rows := dataBeside(t, dir, "PredictedFailure")
	if len(rows) != 1+4*50 {
		t.Errorf("%d lines, want 201", len(rows))
	}
	for _, row := range rows[1:] {
		if k := number(t, row[1]); math.Abs(number(t, row[3])-max(0, (k-200)/1000)) > 1e-12 || number(t, row[2]) != max(0, (k-210)/1000) {
			t.Fatalf("line %v", row)
		}
	}
}

func TestSurfaceInterpolates(t *testing.T) {
	s, err := newSurface([]capacity.SurfaceRow{{K: 10, EfSearch: 1, Overlap: .2}, {K: 20, EfSearch: 1, Overlap: 0}, {K: 10, EfSearch: 100, Overlap: 1}, {K: 20, EfSearch: 100, Overlap: .8}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ k, logE, want float64 }{{10, 0, .2}, {20, 2, .8}, {15, 0, .1}, {15, 1, .5}, {10, 2, 1}} {
		if got := s.at(c.k, c.logE); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("overlap at k %v, log efSearch %v is %v, want %v", c.k, c.logE, got, c.want)
		}
	}
	if y, ok := s.crossing(.4); !ok || math.Abs(y-1) > 1e-12 {
		t.Errorf("the largest k reaches .4 at %v, want 1", y)
	}
	if _, ok := s.crossing(.9); ok {
		t.Error("the largest k reaches .9, which it never does")
	}
	if _, err := newSurface([]capacity.SurfaceRow{{K: 10, EfSearch: 1}, {K: 20, EfSearch: 1}, {K: 10, EfSearch: 2}, {K: 30, EfSearch: 2}}); err == nil {
		t.Error("a surface with holes was taken")
	}
}

func TestEmptyTablesAreErrors(t *testing.T) {
	for name, draw := range map[string]func() (*Figure, error){
		"OverlapSurface":   func() (*Figure, error) { return OverlapSurface(nil, photographs) },
		"Capacity":         func() (*Figure, error) { return Capacity(nil, photographs) },
		"PredictedFailure": func() (*Figure, error) { return PredictedFailure(nil, wholeStudy(2).Records, photographs) },
		"HardFailure":      func() (*Figure, error) { return HardFailure(nil, photographs) },
		"Policies":         func() (*Figure, error) { return Policies(nil, photographs) },
		"Construction":     func() (*Figure, error) { return Construction(nil, photographs) },
		"Hubness":          func() (*Figure, error) { return Hubness(nil, photographs) },
	} {
		if _, err := draw(); err == nil {
			t.Errorf("%s was drawn from nothing", name)
		}
	}
}

// Findings say the numbers of hand-made records.
func TestFindingsOfConditions(t *testing.T) {
	records := wholeStudy(1).Records
	quality, err := IndexQualityFindings(records)
	if err != nil {
		t.Fatal(err)
	}
	scaled, err := ScaledEffortFindings(records)
	if err != nil {
		t.Fatal(err)
	}
	views, err := FiveViewsFindings(records, 3)
	if err != nil {
		t.Fatal(err)
	}
	told := strings.Join(slices.Concat(quality, scaled, views), "\n")
	for _, want := range []string{
		"best overlap is that of efConstruction 400 at 50 of them (k = 10 to 500)",
		"met at k = 210 with efConstruction 50", "met at k = 210 with alpha 0.25",
		"71.4–94.0 % with alpha 0.25", // 1/(1 + .5/1.25) and 1/(1 + .08/1.25)
		"farther away than as many exact ones by 2.00 % (alpha 0.25), 2.00 % (0.5)", "5.0 % (alpha 0.25)", "75 % (alpha 0.25)",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not said in\n%s", want, told)
		}
	}
	if _, err := ScaledEffortFindings(nil); err == nil {
		t.Error("findings from nothing")
	}
}
