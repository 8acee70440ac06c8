package claims

import (
	"fmt"
)

// alphaOne looks for the least overlap at alpha ≥ 1.
func (c *checker) alphaOne() Claim {
	ours, theirs := newSpan(), newSpan()
	for _, alpha := range []float64{1, 2, 4} {
		for _, k := range c.ks {
			if k >= 80 {
				ours.add(c.here(3, alpha, k).overlap)
				theirs.add(c.there(3, alpha, k).Overlap)
			}
		}
	}
	return Claim{
		"efSearch of at least k keeps the overlap at 0.99 or more from k = 80 on", verdict(ours.low >= 0.99), support(theirs.low >= 0.99),
		fmt.Sprintf("least overlap %.4f; %.4f", ours.low, theirs.low),
	}
}

// alphaHalf looks for empty slots at alpha = 0.5.
func (c *checker) alphaHalf() Claim {
	ours, theirs, quarter := 0.0, 0, 0.0
	for _, k := range c.ks {
		ours = max(ours, c.here(3, 0.5, k).empty)
		theirs = max(theirs, c.there(3, 0.5, k).FailedRuns)
		quarter = max(quarter, c.here(3, 0.25, k).empty)
	}
	return Claim{
		"efSearch of half of k never leaves a slot empty", verdict(ours == 0), support(theirs == 0),
		fmt.Sprintf("share of queries with an empty slot at most %.3g (at a quarter of k: %.3g); published: runs with one at some k at most %d of 10", ours, quarter, theirs),
	}
}
