package claims

import (
	"fmt"
	"math"

	"anncapacity/lib/study"
)

// digitTolerance is the maximum difference from a published overlap with the paper's own photographs and network. Two
// builds of one index differ by as much.
const digitTolerance = 0.005

// digits compares every overlap with the published one.
func (c *checker) digits() Claim {
	claim := Claim{
		Claim: fmt.Sprintf("The published overlaps are reproduced within %.3f at every condition, setting and k", digitTolerance), Published: "are the reference",
	}
	largest, at := 0.0, cell{}
	for _, r := range study.Published() {
		m, known := c.ours[cell{r.Condition, r.Value, r.K}]
		if r.Condition == 3 { // the authors' index had efConstruction 400
			m, known = c.asPublished[cell{r.Condition, r.Value, r.K}]
		}
		if d := math.Abs(m.overlap - r.Overlap); known && d > largest {
			largest, at = d, cell{r.Condition, r.Value, r.K}
		}
	}
	claim.Numbers = fmt.Sprintf("largest difference %.4f, in condition %d at %v, k = %d", largest, at.condition, at.value, at.k)
	claim.Here = verdict(largest <= digitTolerance)
	if c.Dataset != "stl10" || c.Weights != "imagenet1k_v2" {
		claim.Here = "not checked"
		claim.Numbers += "; other photographs or another network: this table checks the shape of the curves, not their values"
	}
	return claim
}
