package claims

import (
	"fmt"
	"slices"
	"strings"

	"anncapacity/lib/study"
)

// collapse compares the spread of the overlap over efSearch at a fixed k/efSearch with that at a fixed k.
func (c *checker) collapse() Claim {
	oursK, theirsK, widest, theirsWidest := newSpan(), newSpan(), 0.0, 0.0
	for _, e := range study.FixedEfSearch() {
		oursK.add(c.meansAt(1, float64(e), 200).overlap)
		theirsK.add(c.publishedAt(1, float64(e), 200).Overlap)
	}
	var at []string
	for _, ratio := range []int{1, 2, 4, 6, 10} {
		ours, theirs := newSpan(), newSpan()
		for _, e := range study.FixedEfSearch() {
			if k := ratio * e; slices.Contains(c.ks, k) {
				ours.add(c.meansAt(1, float64(e), k).overlap)
				theirs.add(c.publishedAt(1, float64(e), k).Overlap)
			}
		}
		widest, theirsWidest = max(widest, ours.width()), max(theirsWidest, theirs.width())
		at = append(at, fmt.Sprintf("at %d: %v; %v", ratio, ours, theirs))
	}
	return Claim{
		"Overlap depends on k/efSearch alone: between values of efSearch it varies less than a quarter as much at a fixed ratio as at k = 200",
		verdict(widest < oursK.width()/4), support(theirsWidest < theirsK.width()/4),
		fmt.Sprintf("k/efSearch %s; k = 200: %v; %v", strings.Join(at, ", "), oursK, theirsK),
	}
}

// noCliff determines the largest decrease of the overlap from one k to the next.
func (c *checker) noCliff() Claim {
	ours, theirs := 0.0, 0.0
	for _, e := range study.FixedEfSearch() {
		for i, k := range c.ks[1:] {
			ours = max(ours, c.meansAt(1, float64(e), c.ks[i]).overlap-c.meansAt(1, float64(e), k).overlap)
			theirs = max(theirs, c.publishedAt(1, float64(e), c.ks[i]).Overlap-c.publishedAt(1, float64(e), k).Overlap)
		}
	}
	return Claim{
		"Overlap collapses abruptly: it decreases by more than 0.05 from one k to the next",
		verdict(ours > 0.05), support(theirs > 0.05), fmt.Sprintf("largest decrease %.3f; %.3f", ours, theirs),
	}
}
