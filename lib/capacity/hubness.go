package capacity

import (
	"math"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

const hubnessFile = "hubness.csv"

// HubnessRow holds the skewness of the k-occurrence (the number of lists that contain a point) in exact and in approximate
// lists.
type HubnessRow struct {
	EfSearch int     `csv:"ef_search"`
	K        int     `csv:"k"`
	Exact    float64 `csv:"exact"`
	ANN      float64 `csv:"ann"`
}

// hubnessK lists the values of k of the table.
var hubnessK = []int{10, 50, 100, 200, 500}

// hubness returns the skewness of the k-occurrence at the efSearch of condition 1.
func hubness(d *study.Sample, w *walks) (rows []HubnessRow) {
	for _, ef := range study.FixedEfSearch() {
		for _, k := range hubnessK {
			rows = append(rows, HubnessRow{ef, k, skewness(d.Truth, k), skewness(w.lists[ef], k)})
		}
	}
	return rows
}

// skewness returns the skewness of the k-occurrence, or NaN if it is undefined.
func skewness(lists [][]int32, k int) float64 {
	if skewness, ok := fidelity.Hubness(fidelity.KOccurrence(lists, len(lists), k)); ok {
		return skewness
	}
	return math.NaN()
}
