package report

import (
	"math"
	"strings"
	"testing"
)

// Four queries, k = 10: all found; eight of the ten and a tie; four found and short; a filter that only two vectors match.
// The fifth has no possible answer and does not count.
var observed = []Observation{{10, 10, 10, 10}, {8, 9, 10, 10}, {4, 4, 5, 10}, {2, 2, 2, 2}, {}}

func TestSettingIsTheMeanOverQueries(t *testing.T) {
	s, err := NewSetting(10, 50, ByDistance, observed)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]float64{
		"recall": {s.Recall, (1 + .8 + .4 + 1) / 4}, "by distance": {s.RecallByDistance, (1 + .9 + .4 + 1) / 4},
		"fill": {s.Fill, (1 + 1 + .5 + 1) / 4}, "short": {s.Short, .25}, "least": {s.Quantiles.Least, .4}, "median": {s.Quantiles.Median, .9},
	} {
		if math.Abs(c[0]-c[1]) > 1e-12 {
			t.Errorf("%s is %v, want %v", name, c[0], c[1])
		}
	}
	if s.K != 10 || s.EfSearch != 50 || s.Interval[0] >= s.RecallByDistance || s.Interval[1] <= s.RecallByDistance {
		t.Errorf("%+v", s)
	}
	if s, err = NewSetting(10, 50, ByIdentity, observed); err != nil || s.Quantiles.Median != .8 || s.Interval[0] >= s.Recall || s.Interval[1] <= s.Recall {
		t.Errorf("by identity: %+v, %v", s, err)
	}
}

func TestSettingRefuses(t *testing.T) {
	for says, c := range map[string]struct {
		target string
		of     []Observation
	}{
		"recall \"both\"": {"both", observed},
		"no query":        {ByDistance, []Observation{{}}},
		"query 1":         {ByDistance, []Observation{{1, 1, 1, 1}, {3, 2, 5, 10}}},
		"query 0":         {ByIdentity, []Observation{{11, 11, 11, 11}}},
	} {
		if _, err := NewSetting(10, 5, c.target, c.of); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
