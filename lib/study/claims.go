package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"anncapacity/lib/hnsw"
)

// What the paper says, claim by claim: whether it holds for the records at hand, whether the authors' own data support
// it, and by which numbers. Every number and every verdict is computed; the bounds of a verdict stand in its claim.

// Claim is one line of the comparison.
type Claim struct {
	Claim     string `csv:"claim"`
	Here      string `csv:"holds_here"`     // "yes" or "no"; "not checked" where only the paper's own photographs and network can tell
	Published string `csv:"published_data"` // "support it" or "do not"
	Numbers   string `csv:"numbers"`        // here; published
}

// digitTolerance is how far an overlap may lie from the published one, with the paper's own photographs and network:
// two builds of one index differ by as much.
const digitTolerance = 0.005

// Claims checks every claim. All conditions must have been run, and Explain.
func Claims(e Evidence) ([]Claim, error) {
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

// collapse compares the overlaps of all efSearch at one k/efSearch with those at one k.
func (c *checker) collapse() Claim {
	oursK, theirsK, widest, theirsWidest := newSpan(), newSpan(), 0.0, 0.0
	for _, e := range shownEfSearch {
		oursK.add(c.here(1, float64(e), 200).overlap)
		theirsK.add(c.there(1, float64(e), 200).Overlap)
	}
	var at []string
	for _, ratio := range []int{1, 2, 4, 6, 10} {
		ours, theirs := newSpan(), newSpan()
		for _, e := range shownEfSearch {
			if k := ratio * e; slices.Contains(c.ks, k) {
				ours.add(c.here(1, float64(e), k).overlap)
				theirs.add(c.there(1, float64(e), k).Overlap)
			}
		}
		widest, theirsWidest = max(widest, ours.width()), max(theirsWidest, theirs.width())
		at = append(at, fmt.Sprintf("at %d: %v; %v", ratio, ours, theirs))
	}
	return Claim{
		"Overlap depends on k/efSearch alone: over the efSearch it varies less than a quarter as much at one ratio as at k = 200",
		verdict(widest < oursK.width()/4), support(theirsWidest < theirsK.width()/4),
		fmt.Sprintf("k/efSearch %s; k = 200: %v; %v", strings.Join(at, ", "), oursK, theirsK),
	}
}

// noCliff looks for the largest fall from one k to the next.
func (c *checker) noCliff() Claim {
	ours, theirs := 0.0, 0.0
	for _, e := range shownEfSearch {
		for i, k := range c.ks[1:] {
			ours = max(ours, c.here(1, float64(e), c.ks[i]).overlap-c.here(1, float64(e), k).overlap)
			theirs = max(theirs, c.there(1, float64(e), c.ks[i]).Overlap-c.there(1, float64(e), k).Overlap)
		}
	}
	return Claim{
		"Overlap collapses abruptly: it falls by more than 0.05 from one k to the next",
		verdict(ours > 0.05), support(theirs > 0.05), fmt.Sprintf("largest fall %.3f; %.3f", ours, theirs),
	}
}

// divergence looks for the k at which the published-style distance exceeds ten times the exact one, in the middle run.
func (c *checker) divergence() Claim {
	ours, theirs := newSpan(), newSpan()
	var at []string
	for _, e := range shownEfSearch {
		firsts := c.firsts(e, diverges)
		middle, published := math.Inf(1), c.firstPublished(e)
		if len(firsts) > 0 {
			middle = float64(firsts[len(firsts)/2])
		}
		ours.add(middle / float64(e))
		theirs.add(published / float64(e))
		at = append(at, fmt.Sprintf("efSearch %d: k = %v; %v", e, middle, published))
	}
	in := func(s span) bool { return s.low >= 2 && s.high <= 4 }
	return Claim{
		"The published mean distance diverges at k of about 2 to 4 times efSearch, in the middle run",
		verdict(in(ours)), support(in(theirs)),
		fmt.Sprintf("%s; over efSearch %.1f–%.1f; %.1f–%.1f", strings.Join(at, ", "), ours.low, ours.high, theirs.low, theirs.high),
	}
}

func diverges(r Record) bool { return r.PublishedDistanceANN > 10*r.PublishedDistanceExact }
func hasEmpty(r Record) bool { return r.EmptyShare > 0 }

// firsts are the smallest k of each run of condition 1 at which something is so, ascending; a run in which it never is
// counts as infinite, and so is left out at the end.
func (c *checker) firsts(efSearch int, is func(Record) bool) (firsts []int) {
	first := make(map[int]int)
	for _, r := range c.Records {
		if r.Index == IndexHNSW && r.Condition == 1 && r.EfSearch == efSearch && is(r) && (first[r.Run] == 0 || r.K < first[r.Run]) {
			first[r.Run] = r.K
		}
	}
	for _, k := range first {
		firsts = append(firsts, k)
	}
	slices.Sort(firsts)
	return firsts
}

// firstPublished is the k at which half of the authors' runs have an empty slot.
func (c *checker) firstPublished(efSearch int) float64 {
	for _, k := range c.ks {
		if r := c.there(1, float64(efSearch), k); 2*r.FailedRuns >= r.Runs && r.Runs > 0 {
			return float64(k)
		}
	}
	return math.Inf(1)
}

// emptySlots asks whether anything but an empty slot makes the published distance diverge.
func (c *checker) emptySlots() Claim {
	diverged, without := 0, 0
	for _, r := range c.Records {
		if r.Index == IndexHNSW && r.Condition == 1 && diverges(r) {
			diverged++
			if !hasEmpty(r) {
				without++
			}
		}
	}
	excess := 0.0
	for _, e := range shownEfSearch {
		for _, k := range c.ks {
			excess = max(excess, 100*(c.here(1, float64(e), k).distanceRatio-1))
		}
	}
	theirs, padding := c.publishedPadding()
	return Claim{
		"The divergence is a collapse of the neighbourhoods, not of the padding: some diverging mean has no empty slot in it, or the neighbours found are ten times too far",
		verdict(without > 0 || excess > 900), support(padding < theirs),
		fmt.Sprintf("of %d diverging means %d without an empty slot; with empty slots left out the mean distance exceeds the exact one by %.1f %% at most; published: %d of %d means, where one run in two or fewer fails, are a whole number of padded slots (3.4028235e38)",
			diverged, without, excess, padding, theirs),
	}
}

// publishedPadding counts the authors' diverging means over runs, and those that are a whole number of padding values, to a
// twentieth of one. It looks where few queries fail: further on some have two empty slots, and were dropped.
func (c *checker) publishedPadding() (diverging, padding int) {
	for _, r := range c.published {
		if r.Condition != 1 || r.DistanceANN <= 10*r.DistanceExact || 2*r.FailedRuns > r.Runs {
			continue
		}
		diverging++
		if slots := r.OneEmptySlot * float64(r.Runs); math.Abs(slots-math.Round(slots)) < 0.05 {
			padding++
		}
	}
	return diverging, padding
}

// orderStatistic compares the first failing k among few and many queries.
func (c *checker) orderStatistic() Claim {
	var at []string
	one, most := 0.0, 0.0
	for _, r := range c.Explanation.HardFailure {
		if r.M == M && r.EfConstruction == 200 && r.EfSearch == comparedEfSearch {
			at = append(at, fmt.Sprintf("%d: %.0f", r.Queries, r.K))
			if r.Queries == 1 {
				one = r.K
			}
			most = r.K
		}
	}
	return Claim{
		fmt.Sprintf("The k of hard failure belongs to efSearch: at efSearch %d it is the same within a tenth, however many queries are asked", comparedEfSearch),
		verdict(one-most < one/10), "cannot say: always 10,000 queries", "expected first failing k by number of queries: " + strings.Join(at, ", "),
	}
}

// construction compares efConstruction 400 with 100.
func (c *checker) construction() Claim {
	ours, theirs := newSpan(), newSpan()
	for _, k := range c.ks {
		if k >= 50 {
			ours.add(c.here(2, 400, k).overlap - c.here(2, 100, k).overlap)
			theirs.add(c.there(2, 400, k).Overlap - c.there(2, 100, k).Overlap)
		}
	}
	little := func(s span) bool { return s.low > 0 && s.high < 0.1 }
	return Claim{
		"A better index (efConstruction 400 instead of 100) helps a little: overlap gains something, and less than 0.1, at every k from 50",
		verdict(little(ours)), support(little(theirs)), fmt.Sprintf("gain %v; %v", ours, theirs),
	}
}

// construction50 looks how far efConstruction 50 is ahead of all others.
func (c *checker) construction50() Claim {
	ours := c.bestUpTo(func(value float64, k int) float64 { return c.here(2, value, k).overlap })
	theirs := c.bestUpTo(func(value float64, k int) float64 { return c.there(2, value, k).Overlap })
	return Claim{
		"efConstruction 50 gives the best overlap of all at every k from 50 up to about 300 (200 at least)",
		verdict(ours >= 200), support(theirs >= 200), fmt.Sprintf("best up to k = %d; %d", ours, theirs),
	}
}

// bestUpTo is the last k, from 50 without a gap, at which efConstruction 50 is best; 0 if it never is.
func (c *checker) bestUpTo(overlap func(value float64, k int) float64) (last int) {
	for _, k := range c.ks {
		if k < 50 {
			continue // all are so close to 1 that nothing tells them apart
		}
		for _, other := range []float64{100, 200, 300, 400} {
			if overlap(50, k) < overlap(other, k) {
				return last
			}
		}
		last = k
	}
	return last
}

// selection asks whether efConstruction 50 is best where links are always selected.
func (c *checker) selection() Claim {
	var at []string
	best := true
	at50 := make(map[string]float64)
	for _, r := range c.Explanation.Construction {
		if r.M != M {
			continue
		}
		if r.EfConstruction == 50 {
			at50[r.Selection] = r.Overlap100
		}
		if r.Selection == hnsw.SelectAlways.String() {
			best = best && at50[r.Selection] >= r.Overlap100
		}
		if r.EfConstruction == 50 || r.EfConstruction == 400 {
			at = append(at, fmt.Sprintf("efConstruction %d, selected %s: %.1f links per node, overlap %.3f", r.EfConstruction, r.Selection, r.MeanLinks, r.Overlap100))
		}
	}
	return Claim{
		"Its lead is the quality of its graph: efConstruction 50 is also best at k = 100 where links are always selected",
		verdict(best), "cannot say: one rule only", strings.Join(at, "; "),
	}
}

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

// lid compares approximate and exact LID at the largest k.
func (c *checker) lid() Claim {
	const k, e = 500, comparedEfSearch
	row := c.there(1, e, k)
	ours, theirs := c.here(1, e, k).lidRatio, row.LIDANN/row.LIDExact
	return Claim{
		fmt.Sprintf("Approximate neighbours understate the LID by a quarter or more at k = %d, efSearch %d", k, e),
		verdict(ours <= 0.75), support(theirs <= 0.75),
		fmt.Sprintf("approximate over exact %.2f, empty slots left out; %.2f, empty slots as distances", ours, theirs),
	}
}

// digits compares every overlap with the published one.
func (c *checker) digits() Claim {
	claim := Claim{
		Claim: fmt.Sprintf("The published overlaps come out within %.3f at every condition, setting and k", digitTolerance), Published: "are the measure",
	}
	largest, at := 0.0, cell{}
	for _, r := range Published() {
		m, known := c.ours[cell{r.Condition, r.Value, r.K}]
		if r.Condition == 3 { // the authors' index had efConstruction 400
			m, known = c.as[cell{r.Condition, r.Value, r.K}]
		}
		if d := math.Abs(m.overlap - r.Overlap); known && d > largest {
			largest, at = d, cell{r.Condition, r.Value, r.K}
		}
	}
	claim.Numbers = fmt.Sprintf("largest difference %.4f, in condition %d at %v, k = %d", largest, at.condition, at.value, at.k)
	claim.Here = verdict(largest <= digitTolerance)
	if c.Dataset != "stl10" || c.Weights != "imagenet1k_v2" {
		claim.Here = "not checked"
		claim.Numbers += "; other photographs or another network: this table checks the shape of the curves, not their digits"
	}
	return claim
}
