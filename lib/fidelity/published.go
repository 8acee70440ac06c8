package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// The measures of this file are those of the published study (Cooper & Busch 2026), kept to compare with its numbers
// and for nothing else. They take what FAISS answers: k slots, of which those that it could not fill carry a label and
// a distance all the same. All arithmetic is float32, in NumPy's order of adding: every distance, shift and LID among
// the published numbers is a float32 to all its digits.

// EmptySlot is the squared distance in a slot that FAISS could not fill, the largest float32, and EmptyID its label.
const (
	EmptySlot float32 = math.MaxFloat32
	EmptyID   int32   = -1
)

// publishedEpsilon is added to squared distances before a logarithm is taken. In float32 it changes zero alone.
const publishedEpsilon float32 = 1e-12

// Slots is one query's row of a FAISS answer: k labels, and k squared L2 distances.
type Slots struct {
	IDs     []int32
	Squared []float32
}

// PublishedSlots is the row that FAISS would give for an answer of at most k: filled in front, empty behind.
func PublishedSlots(answer ann.Neighbors, k int) Slots {
	row := Slots{IDs: make([]int32, k), Squared: make([]float32, k)}
	for i := range k {
		row.IDs[i], row.Squared[i] = EmptyID, EmptySlot
		if i < len(answer) {
			row.IDs[i], row.Squared[i] = answer[i].ID, answer[i].Distance*answer[i].Distance
		}
	}
	return row
}

// PublishedMeanDistance is the mean of the k squared distances, empty slots among them: EmptySlot/k with one of them,
// and with two or more +Inf, for the sum is too large for a float32.
func PublishedMeanDistance(row Slots) float32 { return mean32(row.Squared) }

// PublishedMeanDistances are the means over queries of PublishedMeanDistance, exact and approximate. A query whose
// mean is not finite on either side is dropped from both; kept is the number of those left. With none left the
// means are NaN.
func PublishedMeanDistances(exact, answer []float32) (meanExact, meanAnswer float32, kept int) {
	var keptExact, keptAnswer []float32
	for q := range exact {
		if finite(exact[q]) && finite(answer[q]) {
			keptExact, keptAnswer = append(keptExact, exact[q]), append(keptAnswer, answer[q])
		}
	}
	return mean32(keptExact), mean32(keptAnswer), len(keptExact)
}

// PublishedBarycenterShift is ‖mean x(A) − mean x(E)‖ over the mean squared exact distance, of unit 1/length. Label −1
// is the last row of the base, as it is for NumPy. Not finite where all exact neighbours are duplicates of the query.
func PublishedBarycenterShift(base ann.Vectors, truth, answer Slots) float32 {
	a, e := slotsBarycenter(base, answer.IDs), slotsBarycenter(base, truth.IDs)
	sum := 0.0
	for j := range a {
		difference := float64(a[j] - e[j])
		sum += difference * difference
	}
	return float32(math.Sqrt(sum)) / PublishedMeanDistance(truth)
}

// PublishedLID is the maximum-likelihood estimate on squared distances, half the usual value:
//
//	−1 / mean_{i≤k} ln((r_i² + ε) / (r_k² + ε)), ε = 1e-12.
//
// An empty slot counts as a distance, and one of them is enough to bring the value down to about 0.01. Whether the term
// i = k, which is zero, is in the mean (a factor of k/(k−1)) is a reading: here it is, because the mean is described
// as over the k of the neighbourhood. The published numbers do not settle it. Not finite where all distances are equal.
func PublishedLID(row Slots) float32 {
	last := row.Squared[len(row.Squared)-1] + publishedEpsilon
	logs := make([]float32, len(row.Squared))
	for i, squared := range row.Squared {
		logs[i] = float32(math.Log(float64((squared + publishedEpsilon) / last)))
	}
	return -1 / mean32(logs)
}

func slotsBarycenter(base ann.Vectors, ids []int32) []float32 {
	mean := make([]float32, base.D)
	for _, id := range ids {
		if id == EmptyID {
			id = int32(base.N - 1)
		}
		for j, x := range base.Row(int(id)) {
			mean[j] += x
		}
	}
	for j := range mean {
		mean[j] /= float32(len(ids))
	}
	return mean
}

func finite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// mean32 is numpy.mean of a float32 array: NaN when it is empty, ±Inf when the sum overflows.
func mean32(xs []float32) float32 { return pairwiseSum(xs) / float32(len(xs)) }

// pairwiseSum adds in the order in which NumPy adds a contiguous float32 array: eight running sums over at most 128
// numbers, and halves, the first a multiple of eight long, of whatever is longer.
func pairwiseSum(xs []float32) (sum float32) {
	switch n := len(xs); {
	case n < 8:
		for _, x := range xs {
			sum += x
		}
		return sum
	case n <= 128:
		return eightSums(xs)
	default:
		half := n / 2
		half -= half % 8
		return pairwiseSum(xs[:half]) + pairwiseSum(xs[half:])
	}
}

func eightSums(xs []float32) float32 {
	var r [8]float32
	whole := len(xs) - len(xs)%8
	for i, x := range xs[:whole] {
		r[i%8] += x
	}
	sum := ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
	for _, x := range xs[whole:] {
		sum += x
	}
	return sum
}
