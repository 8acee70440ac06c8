package study

import (
	"cmp"
	"math"
	"slices"
)

// Spread is the mean of a quantity over seeds, with its smallest and its largest value.
type Spread struct {
	Mean, Low, High float64
	Seeds           int
}

// NewSpread returns the spread of one value for each seed. It is zero if there are none.
func NewSpread(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	s := Spread{Low: slices.Min(values), High: slices.Max(values), Seeds: len(values)}
	for _, v := range values {
		s.Mean += v / float64(len(values))
	}
	return s
}

// Over returns the spread of a quantity over rows, which differ in their seeds.
func Over(rows []Row, of func(Row) float64) Spread {
	values := make([]float64, len(rows))
	for i, r := range rows {
		values[i] = of(r)
	}
	return NewSpread(values)
}

// Quantities of a row.
func (r Row) vectors() float64 { return r.Vectors }
func (r Row) memory() float64  { return r.Memory }
func (r Row) units() float64   { return float64(r.Units) }

// AtMemory returns the vectors fetched with a memory in bytes for each base vector, as Interpolate does.
func AtMemory(rows []Row, memory float64) (vectors float64, ok bool) {
	return Interpolate(rows, Row.memory, Row.vectors, memory)
}

// AtUnits returns the vectors fetched with a number of units, as Interpolate does.
func AtUnits(rows []Row, units int) (vectors float64, ok bool) {
	return Interpolate(rows, Row.units, Row.vectors, float64(units))
}

// within is the relative difference up to which two values of x are equal. The memory of a way depends a little on its seed.
const within = .01

// Interpolate returns y at a value of x, between the two nearest rows on logarithmic axes. Rows of nearly equal x are averaged.
// ok is false outside of the range of x: a way is compared only with sizes at which the other one was run, or that are between two of
// them.
func Interpolate(rows []Row, x, y func(Row) float64, at float64) (value float64, ok bool) {
	var points [][2]float64 // logarithms of x and y, ascending in x
	sorted := slices.SortedFunc(slices.Values(rows), func(a, b Row) int { return cmp.Compare(x(a), x(b)) })
	for i := 0; i < len(sorted); {
		var xs, ys, n float64
		for first := x(sorted[i]); i < len(sorted) && x(sorted[i]) <= first*(1+within); i++ {
			xs, ys, n = xs+x(sorted[i]), ys+y(sorted[i]), n+1
		}
		points = append(points, [2]float64{math.Log(xs / n), math.Log(ys / n)})
	}
	l := math.Log(at)
	for i, p := range points {
		if math.Abs(p[0]-l) <= within {
			return math.Exp(p[1]), true
		}
		if i > 0 && points[i-1][0] < l && l < p[0] {
			a := points[i-1]
			return math.Exp(a[1] + (p[1]-a[1])*(l-a[0])/(p[0]-a[0])), true
		}
	}
	return 0, false
}

// Largest returns the data with the largest base, the first of several, and the number of its vectors. Bases on which k-means has
// several sizes in memory, so that ways can be compared at equal memory, come before others.
func Largest(rows []Row) (data string, base int) {
	type set struct {
		data string
		base int
	}
	budgets := map[set][]float64{}
	for _, r := range rows {
		if s := (set{r.Data, r.Base}); r.Way == KMeans && !slices.Contains(budgets[s], r.Budget) {
			budgets[s] = append(budgets[s], r.Budget)
		}
	}
	comparable := false
	for _, r := range rows {
		several := len(budgets[set{r.Data, r.Base}]) > 1
		if several && !comparable || several == comparable && r.Base > base {
			data, base, comparable = r.Data, r.Base, several
		}
	}
	return data, base
}

// LastTrained returns the rows without those of networks that were trained with fewer learn queries than another one of the same way,
// or had fewer rounds of duplication. Networks whose learn queries are base vectors with noise are left out where there are others.
func LastTrained(rows []Row) []Row {
	type way struct {
		data, way string
		base      int
	}
	of := func(r Row) way { return way{r.Data, r.Way, r.Base} }
	compare := func(a, b Row) int {
		return cmp.Or(-compareBool(a.Source == NearBase, b.Source == NearBase), cmp.Compare(a.Learn, b.Learn), cmp.Compare(a.Round, b.Round))
	}
	last := map[way]Row{}
	for _, r := range rows {
		if l, known := last[of(r)]; !known || compare(r, l) > 0 {
			last[of(r)] = r
		}
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Learn > 0 && compare(r, last[of(r)]) < 0 })
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
