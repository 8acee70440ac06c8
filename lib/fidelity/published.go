package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// The published measures are those of the published study (Cooper & Busch 2026). They serve only for comparison with its
// numbers. Their definitions are for FAISS's answers of k slots, in which empty slots also have a label and a distance. They
// use float32 and NumPy's order of addition, because all digits of the published distances, shifts and LIDs are those of
// float32 numbers. The running forms add in float64.

const (
	// EmptySlot is the squared distance that FAISS returns in an empty slot, the largest float32.
	EmptySlot float32 = math.MaxFloat32
	// emptyID is the label that FAISS returns in an empty slot.
	emptyID int32 = -1
)

// publishedEpsilon is added to squared distances before the logarithm is computed, so that it is finite for zero. In
// float32 it changes only squared distances below about 3e-5.
const publishedEpsilon = 1e-12

// slots is FAISS's answer to one query: k labels and k squared L2 distances.
type slots struct {
	IDs     []int32
	Squared []float32
}

// publishedSlots returns an answer as k slots of FAISS, with empty slots at the end.
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

// mean32 returns the result of numpy.mean for a float32 array: NaN if it is empty, ±Inf if the sum overflows.
func mean32(xs []float32) float32 { return pairwiseSum(xs) / float32(len(xs)) }

// pairwiseSum returns the sum of xs in NumPy's order of addition for a contiguous float32 array. Up to 128 numbers are added
// in eight running sums. Longer arrays are split into halves; the length of the first half is a multiple of eight.
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
