package fidelity

import (
	"fmt"
	"slices"
	"sync"
)

// Values holds the statistics of one record, one number for each of Columns. A nil Values holds zeros.
type Values []float64

// Of returns the number in a column. It panics if no measure of Measures has the column.
func (v Values) Of(c Column) float64 {
	at := position(c)
	if v == nil {
		return 0
	}
	return v[at]
}

// Set sets the number in a column. It does not change copies of v. It panics if no measure of Measures has the column.
func (v *Values) Set(c Column, x float64) {
	changed := slices.Grow(slices.Clone(*v), len(columns()))[:len(columns())]
	changed[position(c)] = x
	*v = changed
}

// ColumnNames returns the names of Columns.
func (Values) ColumnNames() []string {
	names := make([]string, len(columns()))
	for i, c := range columns() {
		names[i] = c.name
	}
	return names
}

// Columns returns the columns of Measures in the order of records: the means of all measures that are not published ones,
// then their tails, then the means and tails of the published measures.
func Columns() []Column { return slices.Clone(columns()) }

var columns = sync.OnceValue(func() (all []Column) {
	for _, published := range []bool{false, true} {
		of := slices.DeleteFunc(slices.Clone(Measures), func(m Measure) bool { return m.Published != published })
		for _, m := range of {
			all = append(all, m.ExactMean, m.Mean, m.ExactHarmonicMean, m.HarmonicMean)
		}
		for _, m := range of {
			all = append(all, m.Tail.Median, m.Tail.P01, m.Tail.P001, m.Tail.Min)
		}
	}
	return slices.DeleteFunc(all, func(c Column) bool { return c == Column{} })
})

var positions = sync.OnceValue(func() map[Column]int {
	at := make(map[Column]int)
	for i, c := range columns() {
		at[c] = i
	}
	return at
})

func position(c Column) int {
	at, ok := positions()[c]
	if !ok {
		panic(fmt.Sprintf("fidelity: no measure has a column %q", c.name))
	}
	return at
}
