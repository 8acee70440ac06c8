package fidelity_test

import (
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
)

// The answer to a request for four neighbours misses two of them, contains a farther point instead, and has an empty slot.
var (
	truth  = ann.Neighbors{{ID: 3, Distance: 1}, {ID: 8, Distance: 2}, {ID: 5, Distance: 3}, {ID: 1, Distance: 4}}
	answer = ann.Neighbors{{ID: 3, Distance: 1}, {ID: 5, Distance: 3}, {ID: 9, Distance: 5}}
)

func ExampleOverlapAt() {
	fmt.Println(fidelity.OverlapAt([]int32{3, 8, 5, 1}, answer, 4))
	// Output: 0.5
}

// The definition of a measure computes its value for an answer, or reports that it is undefined. The local intrinsic
// dimension of one neighbour is undefined.
func ExampleMeasure() {
	for _, m := range []fidelity.Measure{fidelity.Fill, fidelity.DistanceRatio, fidelity.LID} {
		value, ok := m.Definition(fidelity.Lists{K: 4, Truth: truth, Answer: answer})
		fmt.Printf("%s: %.3f %v\n", m.Title(), value, ok)
	}
	_, ok := fidelity.LID.Definition(fidelity.Lists{K: 1, Truth: truth[:1], Answer: truth[:1]})
	fmt.Println(ok)
	// Output:
	// share of slots filled: 0.750 true
	// distance over exact distance: 1.500 true
	// local intrinsic dimension: 0.943 true
	// false
}
