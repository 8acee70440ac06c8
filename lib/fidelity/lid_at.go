package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// LID20 is the LID of the first 20 members of a list, for every k. It is undefined for a shorter list.
var LID20 = Measure{
	Label:      "local intrinsic dimension at k = 20",
	Definition: lidOfFirst(20),
	List:       runningLIDOfFirst(20),
	ExactMean:  Column{"lid20_exact"},
	Mean:       Column{"lid20_ann"},
}

// LID100 is the LID of the first 100 members of a list, for every k. It is undefined for a shorter list.
var LID100 = Measure{
	Label:      "local intrinsic dimension at k = 100",
	Definition: lidOfFirst(100),
	List:       runningLIDOfFirst(100),
	ExactMean:  Column{"lid100_exact"},
	Mean:       Column{"lid100_ann"},
}

func lidOfFirst(n int) func(Lists) (float64, bool) {
	return answered(func(list ann.Neighbors) (float64, bool) {
		if len(list) < n {
			return 0, false
		}
		return lidMaximumLikelihood(list[:n])
	})
}

func runningLIDOfFirst(n int) func(Prefix) float64 {
	return func(p Prefix) float64 {
		if p.N < n {
			return math.NaN()
		}
		return p.lid(n)
	}
}
