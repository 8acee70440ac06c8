package study

import (
	"cmp"
	"encoding/csv"
	"flag"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/internal/testkit"
)

var update = flag.Bool("update", false, "write published.csv from the authors' raw results")

const publishedSource = `# Cooper & Busch, J. Imaging 2026, 12(2):55, doi:10.3390/jimaging12020055: means and standard deviations over ten runs.
# Computed from the raw results in the authors' public repository; published.go says what the columns are.
`

// rawRow is a row of the authors' raw results: one run at one setting and k.
type rawRow struct {
	Run             int     `csv:"run"`
	Seed            int     `csv:"seed"`
	Condition       int     `csv:"condition"`
	Parameter       string  `csv:"parameter"`
	Value           float64 `csv:"value"`
	K               int     `csv:"k"`
	Overlap         float64 `csv:"overlap"`
	DistanceExact   float64 `csv:"exact_distance"`
	DistanceANN     float64 `csv:"ann_distance"`
	BarycenterShift float64 `csv:"barycenter_shift"`
	LIDExact        float64 `csv:"lid_exact"`
	LIDANN          float64 `csv:"lid_ann"`
}

type (
	setting struct {
		condition int
		value     float64
		k         int
	}
	runAndK struct{ run, k int }
)

func rawResults(t *testing.T) []rawRow {
	f, err := os.Open(testkit.Shared(t, "paper/published.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := table.Parse[rawRow](lines)
	if err != nil {
		t.Fatalf("the raw results: %v", err)
	}
	return rows
}

// undropped returns the mean exact distances over all queries. At alpha = 4 no slot is empty, so no query is dropped.
func undropped(rows []rawRow) map[runAndK]float64 {
	all := map[runAndK]float64{}
	for _, r := range rows {
		if r.Condition == 3 && r.Value == 4 {
			all[runAndK{r.Run, r.K}] = r.DistanceExact
		}
	}
	return all
}

// aggregate returns the rows of published.csv.
func aggregate(rows []rawRow) (out []PublishedRow) {
	all, runs := undropped(rows), map[setting][]rawRow{}
	for _, r := range rows {
		at := setting{r.Condition, r.Value, r.K}
		runs[at] = append(runs[at], r)
	}
	for _, of := range runs {
		out = append(out, overRuns(of, all))
	}
	slices.SortFunc(out, func(a, b PublishedRow) int {
		return cmp.Or(a.Condition-b.Condition, cmp.Compare(a.Value, b.Value), a.K-b.K)
	})
	return out
}

func overRuns(runs []rawRow, all map[runAndK]float64) PublishedRow {
	first := runs[0]
	p := PublishedRow{Condition: first.Condition, Parameter: first.Parameter, Value: first.Value, K: first.K, Runs: len(runs)}
	p.Overlap, p.OverlapSD = meanSD(runs, func(r rawRow) float64 { return r.Overlap })
	p.DistanceExact, p.DistanceExactSD = meanSD(runs, func(r rawRow) float64 { return r.DistanceExact })
	p.DistanceANN, p.DistanceANNSD = meanSD(runs, func(r rawRow) float64 { return r.DistanceANN })
	p.BarycenterShift, p.BarycenterShiftSD = meanSD(runs, func(r rawRow) float64 { return r.BarycenterShift })
	p.LIDExact, p.LIDExactSD = meanSD(runs, func(r rawRow) float64 { return r.LIDExact })
	p.LIDANN, p.LIDANNSD = meanSD(runs, func(r rawRow) float64 { return r.LIDANN })
	p.OneEmptySlot, _ = meanSD(runs, oneEmptySlot)
	for _, r := range runs {
		if oneEmptySlot(r) > 0 || r.DistanceExact != all[runAndK{r.Run, r.K}] {
			p.FailedRuns++
		}
	}
	return p
}

// oneEmptySlot returns the number of queries with one empty slot per 10,000 averaged queries. One such query in 10,000
// makes ann_distance at least about 1e31, far larger than any distance.
func oneEmptySlot(r rawRow) float64 {
	if r.DistanceANN < 1e30 {
		return 0
	}
	return r.DistanceANN * float64(r.K) * 10000 / float64(fidelity.EmptySlot)
}

// meanSD returns the mean and the standard deviation, rounded to eight digits like the raw results.
func meanSD(runs []rawRow, get func(rawRow) float64) (mean, sd float64) {
	xs := make([]float64, len(runs))
	for i, r := range runs {
		xs[i] = get(r)
	}
	mean, sd = stat.MeanStdDev(xs, nil)
	return eightDigits(mean), eightDigits(sd)
}

func eightDigits(x float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 8, 64), 64)
	return rounded
}

// Two runs at two settings, with means, standard deviations and failed runs computed by hand.
func TestAggregate(t *testing.T) {
	row := func(run int, alpha, overlap, exact, ann float64) rawRow {
		return rawRow{Run: run, Condition: 3, Parameter: "alpha", Value: alpha, K: 10, Overlap: overlap, DistanceExact: exact, DistanceANN: ann}
	}
	slot := float64(fidelity.EmptySlot) / (10 * 10000) // one empty slot in 10,000 queries of 10
	got := aggregate([]rawRow{row(0, 4, .9, 3, 5), row(1, 4, .7, 5, 7), row(0, .25, .2, 3, slot), row(1, .25, .4, 4, 7)})
	want := []PublishedRow{
		{Condition: 3, Parameter: "alpha", Value: .25, K: 10, Runs: 2, Overlap: .3, OverlapSD: .14142136, DistanceExact: 3.5, DistanceExactSD: .70710678,
			OneEmptySlot: .5, FailedRuns: 2},
		{Condition: 3, Parameter: "alpha", Value: 4, K: 10, Runs: 2, Overlap: .8, OverlapSD: .14142136, DistanceExact: 4, DistanceExactSD: 1.4142136,
			DistanceANN: 6, DistanceANNSD: 1.4142136},
	}
	for i := range got {
		if got[i].OneEmptySlot > 0 {
			got[i].DistanceANN, got[i].DistanceANNSD = 0, 0 // of the order of an empty slot
		}
		if len(got) != len(want) || got[i] != want[i] {
			t.Errorf("%d rows, row %d is\n%+v, want\n%+v", len(got), i, got[i], want[i])
		}
	}
}

func TestPublishedFileIsComputedFromTheRawResults(t *testing.T) {
	if !testkit.HasShared(t, "comparison of published.csv with the authors' raw results; TestAggregate checks the computation", "paper/published.csv") {
		return
	}
	raw := rawResults(t)
	slices.SortStableFunc(raw, func(a, b rawRow) int { return a.Run - b.Run })
	var text strings.Builder
	text.WriteString(publishedSource)
	if err := csv.NewWriter(&text).WriteAll(table.Lines(aggregate(raw))); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("published.csv", []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if text.String() != publishedCSV {
		t.Error("published.csv is not what the raw results give: run this test with -update")
	}
}

func TestExactDistanceIsTheSameInEverySettingWithoutDroppedQueries(t *testing.T) {
	if !testkit.HasShared(t, "the authors' raw exact distances", "paper/published.csv") {
		return
	}
	raw := rawResults(t)
	all := undropped(raw)
	for _, r := range raw {
		if at := (runAndK{r.Run, r.K}); r.Condition == 3 && r.Value >= 0.5 && r.DistanceExact != all[at] {
			t.Errorf("run %d, alpha %v, k = %d: exact distance %v, at alpha 4 %v", r.Run, r.Value, r.K, r.DistanceExact, all[at])
		}
	}
}

func TestPublishedHoldsEverySettingAndK(t *testing.T) {
	rows := Published()
	count := 0
	for _, c := range Conditions {
		for _, value := range c.Values {
			for _, k := range Ks() {
				r, ok := PublishedAt(c.Number, value, k)
				if !ok || r.Parameter != c.Parameter || r.Runs != 10 {
					t.Fatalf("condition %s, %s %v, k = %d: found is %v, %+v", c.Name, c.Parameter, value, k, ok, r)
				}
				if c.Name != AsPublished {
					count++
				}
			}
		}
	}
	if count != len(rows) {
		t.Errorf("%d rows for %d settings and k", len(rows), count)
	}
	if r, ok := PublishedAt(1, 25, 11); ok || r != (PublishedRow{}) {
		t.Errorf("k = 11 was not published, but found: %+v", r)
	}
	rows[0].K = -1
	if Published()[0].K == -1 {
		t.Error("a caller can change the published rows")
	}
}

func TestPublishedSaysWhatThePaperSays(t *testing.T) {
	at := func(condition int, value float64, k int) PublishedRow {
		r, ok := PublishedAt(condition, value, k)
		if !ok {
			t.Fatalf("condition %d, %v, k = %d is missing", condition, value, k)
		}
		return r
	}
	for ratio, want := range map[int]float64{1: .985, 2: .9355, 4: .802} { // overlap falls with k/efSearch alone
		for _, ef := range []int{50, 100} {
			if k := ratio * ef; math.Abs(at(1, float64(ef), k).Overlap-want) > .01 {
				t.Errorf("k = %d × efSearch %d: overlap %v, want about %v", ratio, ef, at(1, float64(ef), k).Overlap, want)
			}
		}
	}
	if r := at(3, 0.25, 10); r.FailedRuns == 0 || r.DistanceANN < 1e30 || r.OneEmptySlot < .1 {
		t.Errorf("alpha 0.25 at k = 10 leaves slots empty: %+v", r)
	}
	for _, k := range Ks() {
		for _, alpha := range []float64{.5, 1, 2, 4} {
			if r := at(3, alpha, k); r.FailedRuns != 0 || r.OneEmptySlot != 0 || r.DistanceANN > 1e3 {
				t.Errorf("alpha %v leaves no slot empty: %+v", alpha, r)
			}
		}
	}
}

func TestPublishedFileThatIsNotOurs(t *testing.T) {
	for name, text := range map[string]string{
		"empty":           "",
		"a comment":       publishedSource,
		"other columns":   "a,b\n1,2\n",
		"cut off":         publishedCSV[:len(publishedCSV)-20],
		"not a number":    strings.Replace(publishedCSV, "1,efSearch,25,10,10,", "1,efSearch,25,ten,10,", 1),
		"a line too long": strings.Replace(publishedCSV, "1,efSearch,25,10,10,", "1,efSearch,25,10,10,10,", 1),
	} {
		if _, err := parsePublished(text); err == nil || !strings.Contains(err.Error(), "published.csv") {
			t.Errorf("%s: error %v, want one that names the file", name, err)
		}
	}
}
