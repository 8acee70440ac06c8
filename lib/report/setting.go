package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"anncapacity/lib/confidence"
)

// Level is the level of the confidence intervals and bounds of a report.
const Level = .95

// Observation is what one query got at one setting.
type Observation struct {
	Same       int // answers that are among the k exact neighbours, ties by ID
	ByDistance int // answers not farther than the k-th exact neighbour; at most Possible count
	Length     int // number of answers
	Possible   int // number of answers that an exact search gives: min(k, candidates)
}

// NewSetting returns the means over the queries. target is ByDistance or ByIdentity and names the recall of the interval and
// the quantiles. Queries of which no answer is possible do not count. It is an error if the numbers of an observation
// contradict one another, or if no query counts.
func NewSetting(k, efSearch int, target string, of []Observation) (Setting, error) {
	s := Setting{K: k, EfSearch: efSearch}
	if target != ByDistance && target != ByIdentity {
		return s, fmt.Errorf("recall %q: must be %q or %q", target, ByDistance, ByIdentity)
	}
	var same, near, fill []float64
	short := 0
	for i, o := range of {
		if o.Possible == 0 && o.Length == 0 && o.Same == 0 && o.ByDistance == 0 {
			continue
		}
		if o.Same < 0 || o.Same > o.ByDistance || o.ByDistance > min(o.Length, o.Possible) || o.Possible > k {
			return s, fmt.Errorf("query %d: %+v is not possible for k = %d", i, o, k)
		}
		possible := float64(o.Possible)
		same = append(same, float64(o.Same)/possible)
		near = append(near, float64(o.ByDistance)/possible)
		fill = append(fill, min(float64(o.Length)/possible, 1))
		if o.Length < o.Possible {
			short++
		}
	}
	if len(same) == 0 {
		return s, fmt.Errorf("k = %d, efSearch = %d: there is no query to which an answer is possible", k, efSearch)
	}
	s.Recall, s.RecallByDistance, s.Fill = stat.Mean(same, nil), stat.Mean(near, nil), stat.Mean(fill, nil)
	s.Short = float64(short) / float64(len(same))
	counted := near
	if target == ByIdentity {
		counted = same
	}
	low, high, err := confidence.Mean(counted, Level)
	s.Interval = [2]float64{low, high}
	s.Quantiles = quantiles(counted)
	return s, err
}

// quantiles returns quantiles of the recalls, which it sorts. Each is one of them.
func quantiles(recalls []float64) *Quantiles {
	slices.Sort(recalls)
	at := func(share float64) float64 { return stat.Quantile(share, stat.Empirical, recalls, nil) }
	return &Quantiles{Least: recalls[0], Low: at(.01), Tenth: at(.1), Median: at(.5)}
}
