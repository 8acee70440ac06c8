package figure

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"anncapacity/lib/engine/coderhnsw"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// curve is the overlap of one index at one efSearch, ascending by k.
type curve struct {
	index    string
	efSearch int
	runs     int
	queries  int // of each run
	points   []point
}

// point is the mean over runs, with the ends of its 95 % interval (Student's t); both are the mean with a single run.
type point struct {
	k               int
	mean, low, high float64
}

// indexCoderHNSW is what records call coder/hnsw.
var indexCoderHNSW = coderhnsw.Engine().Key

// label is what a legend calls the index.
func label(index string) string {
	if index == indexCoderHNSW {
		return "coder/hnsw " + coderhnsw.Version
	}
	return "HNSW (this project)"
}

type curveKey struct {
	index    string
	efSearch int
}

// overlapCurves gathers the records of condition 1 into curves: the project's index first, ascending by efSearch. Each
// setting must have every k from the same runs, once.
func overlapCurves(records []study.Record) ([]curve, error) {
	groups := map[curveKey]map[int]map[int]study.Record{} // setting → k → run → record
	for _, r := range records {
		if r.Condition != 1 {
			continue
		}
		if err := addRecord(groups, r); err != nil {
			return nil, err
		}
	}
	if len(groups) == 0 {
		return nil, fmt.Errorf("figure: %w of condition 1", errNoRecords)
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b curveKey) int {
		return cmp.Or(-cmp.Compare(a.index, b.index), cmp.Compare(a.efSearch, b.efSearch)) // "hnsw" before "coderhnsw"
	})
	curves := make([]curve, 0, len(keys))
	for _, key := range keys {
		c, err := newCurve(key, groups[key])
		if err != nil {
			return nil, err
		}
		curves = append(curves, c)
	}
	return curves, nil
}

func addRecord(groups map[curveKey]map[int]map[int]study.Record, r study.Record) error {
	key := curveKey{r.Index, r.EfSearch}
	where := fmt.Sprintf("figure: record %s, efSearch %d, k %d, run %d", r.Index, r.EfSearch, r.K, r.Run)
	at := r.Of(fidelity.Overlap.Mean)
	if !(at >= 0 && at <= 1) || r.K < 1 || r.EfSearch < 1 {
		return fmt.Errorf("%s: overlap %v; overlap must be in 0…1, k and efSearch at least 1", where, at)
	}
	if groups[key] == nil {
		groups[key] = map[int]map[int]study.Record{}
	}
	if groups[key][r.K] == nil {
		groups[key][r.K] = map[int]study.Record{}
	}
	if _, twice := groups[key][r.K][r.Run]; twice {
		return fmt.Errorf("%s: is there twice", where)
	}
	groups[key][r.K][r.Run] = r
	return nil
}

func newCurve(key curveKey, byK map[int]map[int]study.Record) (curve, error) {
	c := curve{index: key.index, efSearch: key.efSearch}
	var runs []int
	for _, k := range slices.Sorted(maps.Keys(byK)) {
		these := slices.Sorted(maps.Keys(byK[k]))
		if runs == nil {
			runs = these
		}
		if !slices.Equal(runs, these) {
			return c, fmt.Errorf("figure: %s, efSearch %d: k %d has runs %v, others have %v", key.index, key.efSearch, k, these, runs)
		}
		overlaps := make([]float64, len(runs))
		for i, run := range runs {
			r := byK[k][run]
			if c.queries == 0 {
				c.queries = r.Queries
			}
			if r.Queries < 1 || r.Queries != c.queries {
				return c, fmt.Errorf("figure: %s, efSearch %d: k %d, run %d has %d queries, others have %d", key.index, key.efSearch, k, run, r.Queries, c.queries)
			}
			overlaps[i] = r.Of(fidelity.Overlap.Mean)
		}
		c.points = append(c.points, newPoint(k, overlaps))
	}
	c.runs = len(runs)
	return c, nil
}

func newPoint(k int, overlaps []float64) point {
	if len(overlaps) == 1 {
		return point{k, overlaps[0], overlaps[0], overlaps[0]}
	}
	mean, deviation := stat.MeanStdDev(overlaps, nil)
	n := float64(len(overlaps))
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * deviation / math.Sqrt(n)
	return point{k, mean, mean - half, mean + half}
}

// curveTable is the CSV beside an overlap figure. The interval is empty where there is a single run.
func curveTable(curves []curve) [][]string {
	rows := [][]string{{"index", "ef_search", "runs", "queries", "k", "k_over_ef_search", "overlap", "overlap_low_95", "overlap_high_95"}}
	for _, c := range curves {
		for _, p := range c.points {
			low, high := digits(p.low), digits(p.high)
			if c.runs == 1 {
				low, high = "", ""
			}
			rows = append(rows, []string{c.index, strconv.Itoa(c.efSearch), strconv.Itoa(c.runs), strconv.Itoa(c.queries), strconv.Itoa(p.k),
				digits(float64(p.k) / float64(c.efSearch)), digits(p.mean), low, high})
		}
	}
	return rows
}

// overlapAt is the mean overlap at k.
func (c curve) overlapAt(k int) (float64, bool) {
	i, ok := slices.BinarySearchFunc(c.points, k, func(p point, k int) int { return cmp.Compare(p.k, k) })
	if !ok {
		return 0, false
	}
	return c.points[i].mean, true
}
