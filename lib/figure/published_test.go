package figure

import (
	"testing"

	"anncapacity/lib/study"
)

// The table has the authors' numbers at the same setting and k, for condition 3 those of efConstruction 400.
func TestPublishedFiguresHoldTheAuthorsNumbers(t *testing.T) {
	results := wholeStudy(2)
	for name, condition := range map[string]int{"PublishedFixedEffort": 1, "PublishedIndexQuality": 2, "PublishedScaledEffort": 3} {
		compared := 0
		for _, r := range drawn(t, results, name).table[1:] {
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

func published(t *testing.T, condition int, value float64) float64 {
	t.Helper()
	row, ok := study.PublishedAt(condition, value, 500)
	if !ok {
		t.Fatalf("the authors have no number for %v at k 500", value)
	}
	return row.Overlap
}
