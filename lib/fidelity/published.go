package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// The published measures are those of the published study (Cooper & Busch 2026), kept to compare with its numbers and
// for nothing else. Their definitions take what FAISS answers: k slots, of which those that it could not fill carry a
// label and a distance all the same. All their arithmetic is float32, in NumPy's order of adding: every distance, shift
// and LID among the published numbers is a float32 to all its digits. The running forms add in float64.

// EmptySlot is the squared distance in a slot that FAISS could not fill, the largest float32, and emptyID its label.
const (
	EmptySlot float32 = math.MaxFloat32
	emptyID   int32   = -1
)

// publishedEpsilon is added to squared distances before a logarithm is taken. In float32 it changes zero alone.
const publishedEpsilon = 1e-12

// slots is one query's row of a FAISS answer: k labels, and k squared L2 distances.
type slots struct {
	IDs     []int32
	Squared []float32
}

// publishedSlots is the row that FAISS would give for an answer of at most k: filled in front, empty behind.
func publishedSlots(answer ann.Neighbors, k int) slots {
	row := slots{IDs: make([]int32, k), Squared: make([]float32, k)}
	for i := range k {
		row.IDs[i], row.Squared[i] = emptyID, EmptySlot
		if i < len(answer) {
			row.IDs[i], row.Squared[i] = answer[i].ID, answer[i].Distance*answer[i].Distance
		}
	}
	return row
}

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
