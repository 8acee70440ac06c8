package figure

import (
	"math"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/study"
)

// The table of the five views has the means of three runs, which differ by .01 from the first run's measure.
func TestFiveViewsHoldTheirMeasures(t *testing.T) {
	found := map[string]float64{}
	for _, r := range drawn(t, wholeStudy(3), "FiveViewsIndexQuality").table[1:] {
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

// Findings contain the numbers of synthetic records.
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
		"highest overlap is that of efConstruction 400 at 50 of them (k = 10 to 500)",
		"occurs at k = 210 with efConstruction 50", "occurs at k = 210 with alpha 0.25",
		"71.4–94.0 % with alpha 0.25", // 1/(1 + .5/1.25) and 1/(1 + .08/1.25)
		"exceeds that of as many exact neighbours by 2.00 % (alpha 0.25), 2.00 % (0.5)", "5.0 % (alpha 0.25)", "75 % (alpha 0.25)",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not said in\n%s", want, told)
		}
	}
	if _, err := ScaledEffortFindings(nil); err == nil {
		t.Error("findings from nothing")
	}
}
