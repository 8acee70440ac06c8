package study

import "math"

// Condition is one row of the paper's methods: one parameter varies, the rest is fixed. Zero means "the value of the
// parameter".
type Condition struct {
	Name      string // what -condition calls it
	Number    int
	Parameter string    // what varies, as the field calls it
	Values    []float64 // its settings

	EfConstruction int
	EfSearch       int
}

// Conditions are the paper's, on an index with M = 32. alpha makes efSearch grow with k: max(2, ⌊α·k⌋).
var Conditions = []Condition{
	{Name: "1", Number: 1, Parameter: EfSearch, Values: []float64{25, 50, 75, 100}, EfConstruction: 200},
	{Name: "2", Number: 2, Parameter: EfConstruction, Values: []float64{50, 100, 200, 300, 400}, EfSearch: 50},
	{Name: "3", Number: 3, Parameter: Alpha, Values: []float64{0.25, 0.5, 1, 2, 4}, EfConstruction: 200},
	{Name: AsPublished, Number: 3, Parameter: Alpha, Values: []float64{0.25, 0.5, 1, 2, 4}, EfConstruction: 400},
}

// AsPublished is condition 3 on the index of the authors' own runs, which used efConstruction 400 by accident. Its
// records stand in a file of their own, for the comparison with the published rows alone.
const AsPublished = "3-as-published"

// The parameters that conditions vary.
const (
	EfSearch       = "efSearch"
	EfConstruction = "efConstruction"
	Alpha          = "alpha"
)

// M is the number of links on the upper levels of every index of the study; level 0 has twice as many.
const M = 32

// FirstSeed is the seed of run 0; run r has FirstSeed + r.
const FirstSeed = 42

// Ks are the neighbourhood sizes of the study: 10, 20, … 500.
func Ks() []int {
	ks := make([]int, 50)
	for i := range ks {
		ks[i] = 10 * (i + 1)
	}
	return ks
}

// FixedEfSearch are the efSearch of condition 1.
func FixedEfSearch() []int {
	efs := make([]int, len(Conditions[0].Values))
	for i, value := range Conditions[0].Values {
		efs[i] = int(value)
	}
	return efs
}

// efConstruction is what the index is built with, at one value of the condition.
func (c Condition) efConstruction(value float64) int {
	if c.Parameter == EfConstruction {
		return int(value)
	}
	return c.EfConstruction
}

// efSearch is what the index is searched with, at one value and k.
func (c Condition) efSearch(value float64, k int) int {
	switch c.Parameter {
	case EfSearch:
		return int(value)
	case Alpha:
		return max(2, int(math.Floor(value*float64(k))))
	}
	return c.EfSearch
}

// maxEffortOn is the largest efSearch that the values with an efConstruction ask for.
func (c Condition) maxEffortOn(efConstruction int, ks []int) (most int) {
	for _, value := range c.Values {
		if c.efConstruction(value) == efConstruction {
			most = max(most, c.efSearch(value, ks[0]), c.efSearch(value, ks[len(ks)-1]))
		}
	}
	return most
}
