package fidelity

import "math"

// PublishedLID is the maximum-likelihood estimate of the local intrinsic dimension on squared distances, half the usual
// value, over all k slots:
//
//	−1 / mean_{i≤k} ln((r_i² + ε) / (r_k² + ε)), ε = 1e-12.
//
// An empty slot counts as a distance, and one of them is enough to bring the value down to about 0.01. Whether the term
// i = k, which is zero, is in the mean (a factor of k/(k−1)) is a reading: here it is, because the mean is described
// as over the k of the neighbourhood. The published numbers do not settle it.
var PublishedLID = Measure{
	Label:      "LID on squared distances",
	Definition: func(l Lists) (float64, bool) { return float64(publishedLID(publishedSlots(l.Answer, l.K))), true },
	List:       Prefix.publishedLID,
	Published:  true,
	ExactMean:  Column{"published_lid_exact"},
	Mean:       Column{"published_lid_ann"},
}

// publishedLID is not finite where all distances are equal.
func publishedLID(row slots) float32 {
	last := row.Squared[len(row.Squared)-1] + publishedEpsilon
	logs := make([]float32, len(row.Squared))
	for i, squared := range row.Squared {
		logs[i] = float32(math.Log(float64((squared + publishedEpsilon) / last)))
	}
	return -1 / mean32(logs)
}

// publishedLID is the running form.
func (p Prefix) publishedLID() float64 {
	total := p.lnPublished[p.N]
	if p.N == p.K {
		last := total - p.lnPublished[p.N-1]
		return -1 / (total/float64(p.K) - last)
	}
	if p.N > 0 && (p.list[0].Squared+publishedEpsilon)/EmptySlot == 0 {
		return 0 // the paper's float32 quotient vanishes, and its logarithm is −∞
	}
	last := math.Log(float64(EmptySlot))
	total += float64(p.K-p.N) * last
	return -1 / (total/float64(p.K) - last)
}

// publishedLog is ln(r² + ε).
func publishedLog(m *Member) float64 {
	switch {
	case m.r == 0:
		return math.Log(publishedEpsilon)
	case m.Squared < 1:
		return math.Log(float64(m.Squared) + publishedEpsilon)
	}
	return 2 * m.ln // beyond that ε changes no digit of a float64's logarithm that counts
}
