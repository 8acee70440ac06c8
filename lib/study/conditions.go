package study

// Condition is one row of the paper's methods: one parameter varies, the rest is fixed.
type Condition struct {
	Number    int
	Parameter string    // what varies, as the field calls it
	Values    []float64 // its settings

	EfConstruction int // fixed
}

// Conditions are the paper's, on an index with M = 32.
var Conditions = []Condition{
	{Number: 1, Parameter: "efSearch", Values: []float64{25, 50, 75, 100}, EfConstruction: 200},
}

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

// efSearch is what a condition searches with, at one of its values and k.
func (c Condition) efSearch(value float64, k int) int { return int(value) }

// maxEffort is the largest efSearch that a condition asks for.
func (c Condition) maxEffort(ks []int) int {
	most := 0
	for _, v := range c.Values {
		for _, k := range ks {
			most = max(most, c.efSearch(v, k))
		}
	}
	return most
}
