package figure

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"anncapacity/lib/study"
)

// setting is one value of a condition on one index: its records by k, those of one k ascending by run.
type setting struct {
	index     string
	parameter string
	value     float64
	runs      []int
	queries   int // of each run
	byK       map[int][]study.Record
}

// measure is what a figure shows of a record.
type measure struct {
	column string // in the CSV beside the figure
	of     func(r study.Record) float64
}

// errNoRecords is that a condition was not run, or not on an index.
var errNoRecords = errors.New("no records")

// settings gathers the records of one condition on one index, ascending by value. Each setting must have every k from
// the same runs, once.
func settings(records []study.Record, condition int, index string) ([]setting, error) {
	groups := map[float64]*setting{}
	for _, r := range records {
		if r.Condition != condition || r.Index != index {
			continue
		}
		s := groups[r.Value]
		if s == nil {
			s = &setting{index: index, parameter: r.Parameter, value: r.Value, queries: r.Queries, byK: map[int][]study.Record{}}
			groups[r.Value] = s
		}
		if r.K < 1 || r.Queries < 1 || r.Queries != s.queries {
			return nil, fmt.Errorf("figure: record %s, %s %v, k %d, run %d: %d queries, others have %d", index, r.Parameter, r.Value, r.K, r.Run, r.Queries, s.queries)
		}
		s.byK[r.K] = append(s.byK[r.K], r)
	}
	if len(groups) == 0 {
		return nil, fmt.Errorf("figure: %w of condition %d on index %q", errNoRecords, condition, index)
	}
	var all []setting
	for _, value := range slices.Sorted(maps.Keys(groups)) {
		if err := groups[value].sortRuns(); err != nil {
			return nil, err
		}
		all = append(all, *groups[value])
	}
	return all, nil
}

func (s *setting) sortRuns() error {
	for _, k := range s.ks() {
		slices.SortFunc(s.byK[k], func(a, b study.Record) int { return cmp.Compare(a.Run, b.Run) })
		var runs []int
		for _, r := range s.byK[k] {
			runs = append(runs, r.Run)
		}
		if s.runs == nil {
			s.runs = runs
		}
		if !slices.Equal(s.runs, runs) || len(slices.Compact(runs)) != len(s.runs) {
			return fmt.Errorf("figure: %s, %s %v: k %d has runs %v, others have %v, and each run counts once", s.index, s.parameter, s.value, k, runs, s.runs)
		}
	}
	return nil
}

func (s *setting) ks() []int { return slices.Sorted(maps.Keys(s.byK)) }

// points are the means of a measure over the runs. A k at which a run does not define it has none.
func (s *setting) points(m measure) (points []point) {
	for _, k := range s.ks() {
		values := make([]float64, len(s.byK[k]))
		for i, r := range s.byK[k] {
			values[i] = m.of(r)
		}
		if p := newPoint(k, values); !math.IsNaN(p.mean) && !math.IsInf(p.mean, 0) {
			points = append(points, p)
		}
	}
	return points
}

// at is the mean of a measure at k.
func (s *setting) at(m measure, k int) (mean float64, ok bool) {
	points := s.points(m)
	i, ok := slices.BinarySearchFunc(points, k, func(p point, k int) int { return cmp.Compare(p.k, k) })
	if !ok {
		return 0, false
	}
	return points[i].mean, true
}

// name is, for example, "efSearch 25" or "alpha 0.5".
func (s *setting) name() string { return fmt.Sprintf("%s %v", s.parameter, s.value) }

// heading is what a legend says over the settings of an index.
func heading(s setting) string {
	return fmt.Sprintf("%s\n%s of %s queries", label(s.index), count(len(s.runs), "run"), thousands(s.queries))
}

// measuresTable is the CSV beside a figure of measures: a line for each measure, setting and k. The interval is empty
// where there is a single run.
func measuresTable(all []setting, measures []measure) [][]string {
	rows := [][]string{{"measure", "index", "parameter", "value", "runs", "queries", "k", "mean", "low_95", "high_95"}}
	for _, m := range measures {
		for _, s := range all {
			for _, p := range s.points(m) {
				low, high := digits(p.low), digits(p.high)
				if len(s.runs) == 1 {
					low, high = "", ""
				}
				rows = append(rows, []string{m.column, s.index, s.parameter, digits(s.value), strconv.Itoa(len(s.runs)), strconv.Itoa(s.queries),
					strconv.Itoa(p.k), digits(p.mean), low, high})
			}
		}
	}
	return rows
}

func digits(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// row is one line of a CSV: words and numbers, these with as many digits as tell them apart.
func row(cells ...any) []string {
	line := make([]string, len(cells))
	for i, c := range cells {
		line[i] = fmt.Sprint(c)
	}
	return line
}
