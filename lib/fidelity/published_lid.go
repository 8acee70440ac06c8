package fidelity

import "math"

// PublishedLID is the maximum-likelihood estimate of the local intrinsic dimension from squared distances, half the usual
// value, over all k slots:
//
//	−1 / mean_{i≤k} ln((r_i² + ε) / (r_k² + ε)), ε = 1e-12.
//
// An empty slot counts as a distance; a single one reduces the value to about 0.01. The paper does not state whether the mean
// includes the term i = k, which is zero; the difference is a factor of k/(k−1). Here the mean includes it, because the paper
// describes the mean as over the k neighbours. The published numbers do not decide the question.
var PublishedLID = Measure{
	Label:      "LID on squared distances",
	Definition: func(l Lists) (float64, bool) { return float64(publishedLID(publishedSlots(l.Answer, l.K))), true },
	List:       Prefix.publishedLID,
	Published:  true,
	ExactMean:  Column{"published_lid_exact"},
	Mean:       Column{"published_lid_ann"},
}

// publishedLID returns the value of PublishedLID. It is not finite if all distances are equal.
func publishedLID(row slots) float32 {
	last := row.Squared[len(row.Squared)-1] + publishedEpsilon
	logs := make([]float32, len(row.Squared))
	for i, squared := range row.Squared {
		logs[i] = float32(math.Log(float64((squared + publishedEpsilon) / last)))
	}
	return -1 / mean32(logs)
}

// publishedLID is the running form of PublishedLID.
func (p Prefix) publishedLID() float64 {
	total := p.lnPublished[p.N]
	if p.N == p.K {
		last := total - p.lnPublished[p.N-1]
		return -1 / (total/float64(p.K) - last)
	}
	if p.N > 0 && (p.list[0].Squared+publishedEpsilon)/EmptySlot == 0 {
		return 0 // the quotient underflows in float32, and its logarithm is −∞
	}
	last := math.Log(float64(EmptySlot))
	total += float64(float64(p.K-p.N) * last)
	return -1 / (total/float64(p.K) - last)
}

// publishedLog returns ln(r² + ε).
func publishedLog(m *Member) float64 {
	switch {
	case m.r == 0:
		return math.Log(publishedEpsilon)
	case m.Squared < 1:
		return math.Log(float64(m.Squared) + publishedEpsilon)
	}
	return 2 * m.ln // for r² ≥ 1, ε changes the logarithm by at most 1e-12
}
