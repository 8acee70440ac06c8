package study

import "math"

// Condition is an experimental condition of the paper: one parameter varies, the others are fixed.
type Condition struct {
	Name      string // value of the flag -condition
	Number    int
	Parameter string    // the parameter that varies: EfSearch, EfConstruction or Alpha
	Values    []float64 // settings of Parameter

	EfConstruction int // zero if Parameter determines it
	EfSearch       int // zero if Parameter determines it
}

// Conditions lists the paper's conditions, on an index with M = 32. Alpha sets efSearch to max(2, ⌊α·k⌋).
var Conditions = []Condition{
	{Name: "1", Number: 1, Parameter: EfSearch, Values: []float64{25, 50, 75, 100}, EfConstruction: 200},
	{Name: "2", Number: 2, Parameter: EfConstruction, Values: []float64{50, 100, 200, 300, 400}, EfSearch: 50},
	{Name: "3", Number: 3, Parameter: Alpha, Values: []float64{0.25, 0.5, 1, 2, 4}, EfConstruction: 200},
	{Name: AsPublished, Number: 3, Parameter: Alpha, Values: []float64{0.25, 0.5, 1, 2, 4}, EfConstruction: 400},
}

// AsPublished is the name of condition 3 with efConstruction 400, which the authors' runs used by mistake. Its records are
// stored in a separate file and used only for the comparison with the published rows.
const AsPublished = "3-as-published"

// The values of Condition.Parameter.
const (
	EfSearch       = "efSearch"
	EfConstruction = "efConstruction"
	Alpha          = "alpha"
)

// M is the maximum number of links per node on the upper levels of every index of the study; on level 0 it is 2M.
const M = 32

// FirstSeed is the seed of run 0; run r has FirstSeed + r.
const FirstSeed = 42

// Ks returns the neighbourhood sizes of the study: 10, 20, … 500.
func Ks() []int {
	ks := make([]int, 50)
	for i := range ks {
		ks[i] = 10 * (i + 1)
	}
	return ks
}

// FixedEfSearch returns the values of efSearch of condition 1.
func FixedEfSearch() []int {
	efs := make([]int, len(Conditions[0].Values))
	for i, value := range Conditions[0].Values {
		efs[i] = int(value)
	}
	return efs
}

// efConstruction returns the efConstruction of the index at one value of the condition.
func (c Condition) efConstruction(value float64) int {
	if c.Parameter == EfConstruction {
		return int(value)
	}
	return c.EfConstruction
}

// efSearch returns the efSearch of the searches at one value of the condition and one k.
func (c Condition) efSearch(value float64, k int) int {
	switch c.Parameter {
	case EfSearch:
		return int(value)
	case Alpha:
		return max(2, int(math.Floor(value*float64(k))))
	}
	return c.EfSearch
}

// maxEfSearch returns the largest efSearch of the values that use the given efConstruction.
func (c Condition) maxEfSearch(efConstruction int, ks []int) (most int) {
	for _, value := range c.Values {
		if c.efConstruction(value) == efConstruction {
			most = max(most, c.efSearch(value, ks[0]), c.efSearch(value, ks[len(ks)-1]))
		}
	}
	return most
}
