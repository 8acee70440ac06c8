package capacity

import (
	"slices"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/study"
)

const (
	failureFile     = "failure.csv"
	hardFailureFile = "hard_failure.csv"
)

// FailureRow is the share of queries whose capacity is below k.
type FailureRow struct {
	EfSearch  int     `csv:"ef_search"`
	K         int     `csv:"k"`
	Predicted float64 `csv:"predicted"`
}

// HardFailureRow holds the expected smallest k at which some of the given number of queries fails. It is one more than the
// expected smallest capacity among them, an order statistic.
type HardFailureRow struct {
	M              int     `csv:"m"`
	EfConstruction int     `csv:"ef_construction"`
	EfSearch       int     `csv:"ef_search"`
	Queries        int     `csv:"queries"`
	K              float64 `csv:"k"`
}

// failure returns the share of the queries whose capacity is below k, for every efSearch of condition 1 and every k.
func failure(w *walks) (rows []FailureRow) {
	for _, ef := range study.FixedEfSearch() {
		sorted := w.sortedCapacities(ef)
		for _, k := range study.Ks() {
			failing, _ := slices.BinarySearch(sorted, k)
			rows = append(rows, FailureRow{ef, k, float64(failing) / float64(len(sorted))})
		}
	}
	return rows
}

// hardFailures returns the expected first failures among 1, 10, 100 … queries.
func hardFailures(o hnsw.Options, w *walks) (rows []HardFailureRow) {
	for _, ef := range study.FixedEfSearch() {
		sorted := w.sortedCapacities(ef)
		for m := 1; m <= len(sorted); m *= 10 {
			rows = append(rows, HardFailureRow{o.M, o.EfConstruction, ef, m, 1 + expectedMinimum(sorted, m)})
		}
	}
	return rows
}

// expectedMinimum returns the expected minimum of m values drawn without replacement from n sorted values. The probability
// that none of the m is among the first i values is Π_{j<m} (n−i−j)/(n−j).
func expectedMinimum(sorted []int, m int) float64 {
	n := len(sorted)
	mean, none := 0.0, 1.0 // none: probability that none of the m is among the first i values
	for i, value := range sorted {
		if i+m > n {
			break
		}
		next := none * float64(n-i-m) / float64(n-i)
		mean += float64(value) * (none - next)
		none = next
	}
	return mean
}
