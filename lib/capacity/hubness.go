package capacity

import (
	"math"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

const hubnessFile = "hubness.csv"

// HubnessRow is the skewness of the k-occurrence (how many lists a point is in), in exact and in approximate lists.
type HubnessRow struct {
	EfSearch int     `csv:"ef_search"`
	K        int     `csv:"k"`
	Exact    float64 `csv:"exact"`
	ANN      float64 `csv:"ann"`
}

// hubnessK are the k of the table.
var hubnessK = []int{10, 50, 100, 200, 500}

// hubness compares how unevenly points occur in exact and in approximate lists.
func hubness(d *study.Sample, w *walks) (rows []HubnessRow) {
	for _, ef := range study.FixedEfSearch() {
		for _, k := range hubnessK {
			rows = append(rows, HubnessRow{ef, k, skewness(d.Truth, k), skewness(w.lists[ef], k)})
		}
	}
	return rows
}

// skewness of the k-occurrence is NaN where every point is in as many lists.
func skewness(lists [][]int32, k int) float64 {
	if skewness, ok := fidelity.Hubness(fidelity.KOccurrence(lists, len(lists), k)); ok {
		return skewness
	}
	return math.NaN()
}
