// Package claims checks the claims of the paper against a study. For each claim it determines whether the claim holds for
// the records of the study and whether the authors' own data support it, and gives the numbers on which this is based. All
// numbers and verdicts are computed. The text of a claim states the bounds of its verdict.
package claims

// Claim is a claim of the paper and its verdicts.
type Claim struct {
	Claim     string `csv:"claim"`
	Here      string `csv:"holds_here"`     // "yes" or "no"; "not checked" if the claim requires the paper's own photographs and network
	Published string `csv:"published_data"` // "support it" or "do not"; otherwise why they cannot
	Numbers   string `csv:"numbers"`        // here; published
}

// Check checks every claim. It returns an error if the evidence does not contain the records of all conditions and the
// tables of package capacity.
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
