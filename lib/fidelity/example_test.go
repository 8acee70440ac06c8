package fidelity_test

import (
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
)

// An engine that was asked for four neighbours has missed two of them, returned a farther one instead, and left a slot empty.
var (
	truth  = ann.Neighbors{{ID: 3, Distance: 1}, {ID: 8, Distance: 2}, {ID: 5, Distance: 3}, {ID: 1, Distance: 4}}
	answer = ann.Neighbors{{ID: 3, Distance: 1}, {ID: 5, Distance: 3}, {ID: 9, Distance: 5}}
)

func ExampleOverlap() {
	fmt.Println(fidelity.Overlap([]int32{3, 8, 5, 1}, answer, 4))
	// Output: 0.5
}

// The mean of three distances is compared with that of the three nearest: an empty slot does not count as a distance.
func ExampleDistanceRatio() {
	ratio, ok := fidelity.DistanceRatio(truth, answer)
	fmt.Println(ratio, ok)
	// Output: 1.5 true
}

func ExampleLIDMaximumLikelihood() {
	for _, list := range []ann.Neighbors{truth, answer, truth[:1]} {
		lid, ok := fidelity.LIDMaximumLikelihood(list)
		fmt.Printf("%.3f %v\n", lid, ok)
	}
	// Output:
	// 1.267 true
	// 0.943 true
	// 0.000 false
}
