package claims

import "fmt"

// alphaOne determines the smallest overlap at alpha ≥ 1.
func (c *checker) alphaOne() Claim {
	ours, theirs := newSpan(), newSpan()
	for _, alpha := range []float64{1, 2, 4} {
		for _, k := range c.ks {
			if k >= 80 {
				ours.add(c.meansAt(3, alpha, k).overlap)
				theirs.add(c.publishedAt(3, alpha, k).Overlap)
			}
		}
	}
	return Claim{
		"efSearch of at least k keeps the overlap at 0.99 or more for k from 80", verdict(ours.low >= 0.99), support(theirs.low >= 0.99),
		fmt.Sprintf("smallest overlap %.4f; %.4f", ours.low, theirs.low),
	}
}

// alphaHalf determines whether slots are empty at alpha = 0.5.
func (c *checker) alphaHalf() Claim {
	ours, theirs, quarter := 0.0, 0, 0.0
	for _, k := range c.ks {
		ours = max(ours, c.meansAt(3, 0.5, k).empty)
		theirs = max(theirs, c.publishedAt(3, 0.5, k).FailedRuns)
		quarter = max(quarter, c.meansAt(3, 0.25, k).empty)
	}
	return Claim{
		"efSearch of half of k never leaves a slot empty", verdict(ours == 0), support(theirs == 0),
		fmt.Sprintf("share of queries with an empty slot at most %.3g (at a quarter of k: %.3g); published: at any k, at most %d of 10 runs have an empty slot", ours, quarter, theirs),
	}
}
