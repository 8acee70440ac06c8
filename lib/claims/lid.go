package claims

import (
	"fmt"

	"anncapacity/lib/capacity"
)

// lid compares approximate and exact LID at the largest k.
func (c *checker) lid() Claim {
	const k, e = 500, capacity.ComparedEfSearch
	row := c.there(1, e, k)
	ours, theirs := c.here(1, e, k).lidRatio, row.LIDANN/row.LIDExact
	return Claim{
		fmt.Sprintf("Approximate neighbours understate the LID by a quarter or more at k = %d, efSearch %d", k, e),
		verdict(ours <= 0.75), support(theirs <= 0.75),
		fmt.Sprintf("approximate over exact %.2f, empty slots left out; %.2f, empty slots as distances", ours, theirs),
	}
}
