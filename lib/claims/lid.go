package claims

import (
	"fmt"

	"anncapacity/lib/capacity"
)

// lid compares the approximate and the exact LID at the largest k.
func (c *checker) lid() Claim {
	const k, e = 500, capacity.ComparedEfSearch
	row := c.publishedAt(1, e, k)
	ours, theirs := c.meansAt(1, e, k).lidRatio, row.LIDANN/row.LIDExact
	return Claim{
		fmt.Sprintf("Approximate neighbours underestimate the LID by a quarter or more at k = %d, efSearch %d", k, e),
		verdict(ours <= 0.75), support(theirs <= 0.75),
		fmt.Sprintf("approximate / exact LID %.2f without empty slots; %.2f with empty slots as distances", ours, theirs),
	}
}
