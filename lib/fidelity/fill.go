package fidelity

// Fill is |A| / k: the share of the k slots that an answer of the given length fills. Below 1 it leaves slots empty.
func Fill(length, k int) float64 { return float64(min(length, k)) / float64(k) }
