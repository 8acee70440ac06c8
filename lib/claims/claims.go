// Package claims compares a study with what the paper says, claim by claim: whether it holds for the records at hand,
// whether the authors' own data support it, and by which numbers. Every number and every verdict is computed; the bounds of
// a verdict stand in its claim.
package claims

// Claim is one line of the comparison.
type Claim struct {
	Claim     string `csv:"claim"`
	Here      string `csv:"holds_here"`     // "yes" or "no"; "not checked" where only the paper's own photographs and network can tell
	Published string `csv:"published_data"` // "support it" or "do not"
	Numbers   string `csv:"numbers"`        // here; published
}

// Check checks every claim. It needs the records of all conditions and the tables of package capacity.
func Check(e Evidence) ([]Claim, error) {
	c, err := newChecker(e)
	if err != nil {
		return nil, err
	}
	claims := []Claim{
		c.collapse(), c.noCliff(), c.divergence(), c.emptySlots(), c.orderStatistic(), c.construction(), c.construction50(), c.selection(),
		c.alphaOne(), c.alphaHalf(), c.lid(), c.digits(),
	}
	return claims, c.err
}

func verdict(here bool) string {
	if here {
		return "yes"
	}
	return "no"
}

func support(published bool) string {
	if published {
		return "support it"
	}
	return "do not"
}
