package figure

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"anncapacity/lib/study"
)

// setting holds the records of one value of a condition on one index, by k; those of one k are ascending by run.
type setting struct {
	index     string
	condition int
	parameter string
	value     float64
	runs      []int
	queries   int // number of queries of each run
	byK       map[int][]study.Record
}

// point is the mean over runs with the ends of its 95 % interval (Student's t). With a single run, both ends are the mean.
type point struct {
	k               int
	mean, low, high float64
}

// errNoRecords is the error for a condition that was not run, or not on an index.
var errNoRecords = errors.New("no records")

// settings returns the records of one condition, grouped by index and value: those of the given index, or of every index if it
// is "". The project's index is first; settings of an index are ascending by value. It returns an error unless each setting has
// one record of the same runs at every k.
func settings(records []study.Record, condition int, index string) ([]setting, error) {
	type key struct {
		index string
		value float64
	}
	groups := map[key]*setting{}
	for _, r := range records {
		if r.Condition != condition || index != "" && r.Index != index {
			continue
		}
		s := groups[key{r.Index, r.Value}]
		if s == nil {
			s = &setting{index: r.Index, condition: condition, parameter: r.Parameter, value: r.Value, queries: r.Queries, byK: map[int][]study.Record{}}
			groups[key{r.Index, r.Value}] = s
		}
		if err := s.add(r); err != nil {
			return nil, err
		}
	}
	if len(groups) == 0 {
		return nil, noRecords(condition, index)
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b key) int {
		return cmp.Or(-cmp.Compare(a.index, b.index), cmp.Compare(a.value, b.value)) // "hnsw" before "coderhnsw"
	})
	all := make([]setting, len(keys))
	for i, key := range keys {
		if err := groups[key].sortRuns(); err != nil {
			return nil, err
		}
		all[i] = *groups[key]
	}
	return all, nil
}

func noRecords(condition int, index string) error {
	if index == "" {
		return fmt.Errorf("figure: %w of condition %d", errNoRecords, condition)
	}
	return fmt.Errorf("figure: %w of condition %d on index %q", errNoRecords, condition, index)
}

// add checks the fields of a record and appends it.
func (s *setting) add(r study.Record) error {
	where := fmt.Sprintf("figure: record %s, %s %v, k %d, run %d", s.index, s.parameter, s.value, r.K, r.Run)
	if share := overlap.of(r); !(share >= 0 && share <= 1) || r.K < 1 || r.EfSearch < 1 {
		return fmt.Errorf("%s: overlap %v, efSearch %d; overlap must be in 0…1, k and efSearch at least 1", where, share, r.EfSearch)
	}
	if r.Queries < 1 || r.Queries != s.queries {
		return fmt.Errorf("%s: %d queries, others have %d", where, r.Queries, s.queries)
	}
	s.byK[r.K] = append(s.byK[r.K], r)
	return nil
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

// points returns the means of a quantity over the runs by k, without the k at which it is undefined in a run.
func (s *setting) points(q quantity) (points []point) {
	for _, k := range s.ks() {
		if p, ok := s.pointAt(q, k); ok {
			points = append(points, p)
		}
	}
	return points
}

// at returns the mean of a quantity at k; ok is false if there is no record of k or the quantity is undefined in a run.
func (s *setting) at(q quantity, k int) (mean float64, ok bool) {
	p, ok := s.pointAt(q, k)
	return p.mean, ok
}

func (s *setting) pointAt(q quantity, k int) (p point, ok bool) {
	records := s.byK[k]
	if len(records) == 0 {
		return point{}, false
	}
	values := make([]float64, len(records))
	for i, r := range records {
		values[i] = q.of(r)
	}
	p = newPoint(k, values)
	return p, !math.IsNaN(p.mean) && !math.IsInf(p.mean, 0)
}

func newPoint(k int, values []float64) point {
	if len(values) == 1 {
		return point{k, values[0], values[0], values[0]}
	}
	mean, deviation := stat.MeanStdDev(values, nil)
	n := float64(len(values))
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * deviation / math.Sqrt(n)
	return point{k, mean, mean - half, mean + half}
}

// interval returns the ends of the interval of a point as cells of a table, "" with a single run.
func (s *setting) interval(p point) (low, high string) {
	if len(s.runs) == 1 {
		return "", ""
	}
	return digits(p.low), digits(p.high)
}

// name returns the parameter and its value, for example "efSearch 25" or "alpha 0.5".
func (s *setting) name() string { return fmt.Sprintf("%s %v", s.parameter, s.value) }

// heading returns the heading of a legend of settings of an index.
func (s *setting) heading() string {
	return fmt.Sprintf("%s\n%s of %s queries", label(s.index), count(len(s.runs), "run"), thousands(s.queries))
}
