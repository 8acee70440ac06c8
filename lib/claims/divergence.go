package claims

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"anncapacity/lib/capacity"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// divergence determines, for the median run, the smallest k at which the published distance exceeds ten times the exact one.
func (c *checker) divergence() Claim {
	ours, theirs := newSpan(), newSpan()
	var at []string
	for _, e := range study.FixedEfSearch() {
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
		"The published mean distance diverges at a k of about 2 to 4 times efSearch, in the median run",
		verdict(in(ours)), support(in(theirs)),
		fmt.Sprintf("%s; over efSearch %.1f–%.1f; %.1f–%.1f", strings.Join(at, ", "), ours.low, ours.high, theirs.low, theirs.high),
	}
}

func diverges(r study.Record) bool {
	return r.Of(fidelity.PublishedDistance.Mean) > 10*r.Of(fidelity.PublishedDistance.ExactMean)
}

func hasEmpty(r study.Record) bool { return r.Of(fidelity.EmptyShare.Mean) > 0 }

// firsts returns, for each run of condition 1, the smallest k whose record satisfies is, in ascending order. Runs without
// such a k are omitted, as if theirs were infinite.
func (c *checker) firsts(efSearch int, is func(study.Record) bool) (firsts []int) {
	first := make(map[int]int)
	for _, r := range c.Records {
		if r.Index == study.IndexHNSW && r.Condition == 1 && r.EfSearch == efSearch && is(r) && (first[r.Run] == 0 || r.K < first[r.Run]) {
			first[r.Run] = r.K
		}
	}
	for _, k := range first {
		firsts = append(firsts, k)
	}
	slices.Sort(firsts)
	return firsts
}

// firstPublished returns the smallest k at which at least half of the authors' runs have an empty slot, or +Inf.
func (c *checker) firstPublished(efSearch int) float64 {
	for _, k := range c.ks {
		if r := c.publishedAt(1, float64(efSearch), k); 2*r.FailedRuns >= r.Runs && r.Runs > 0 {
			return float64(k)
		}
	}
	return math.Inf(1)
}

// emptySlots determines whether the published distance ever diverges without an empty slot.
func (c *checker) emptySlots() Claim {
	diverged, without := 0, 0
	for _, r := range c.Records {
		if r.Index == study.IndexHNSW && r.Condition == 1 && diverges(r) {
			diverged++
			if !hasEmpty(r) {
				without++
			}
		}
	}
	excess := 0.0
	for _, e := range study.FixedEfSearch() {
		for _, k := range c.ks {
			excess = max(excess, 100*(c.meansAt(1, float64(e), k).distanceRatio-1))
		}
	}
	theirs, padding := c.publishedPadding()
	return Claim{
		"The divergence is due to a collapse of the neighbourhoods, not to padding: some diverging mean includes no empty slot, or the neighbours found are more than ten times as far as the exact ones",
		verdict(without > 0 || excess > 900), support(padding < theirs),
		fmt.Sprintf("%d of %d diverging means include no empty slot; without empty slots the mean distance exceeds the exact one by at most %.1f %%; published: where at most half of the runs fail, %d of %d diverging means equal a whole number of padded slots (3.4028235e38)",
			without, diverged, excess, padding, theirs),
	}
}

// publishedPadding returns the number of the authors' diverging means over runs, and the number of those that equal a whole
// number of padding values, within 0.05. It considers only settings at which at most half of the runs fail: at others, some
// queries have two empty slots, and the authors dropped them.
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

// orderStatistic compares the expected first failing k among few and many queries.
func (c *checker) orderStatistic() Claim {
	var at []string
	one, most := 0.0, 0.0
	for _, r := range c.Capacity.HardFailure {
		if r.M == study.M && r.EfConstruction == 200 && r.EfSearch == capacity.ComparedEfSearch {
			at = append(at, fmt.Sprintf("%d: %.0f", r.Queries, r.K))
			if r.Queries == 1 {
				one = r.K
			}
			most = r.K
		}
	}
	return Claim{
		fmt.Sprintf("The k at which answers first fail depends on efSearch alone: at efSearch %d it is the same within a tenth for any number of queries", capacity.ComparedEfSearch),
		verdict(one-most < one/10), "not applicable: always 10,000 queries", "expected first failing k by number of queries: " + strings.Join(at, ", "),
	}
}
