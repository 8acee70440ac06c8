package capacity

import "anncapacity/lib/study"

const capacityFile = "capacity.csv"

// Row is one point of the distribution of capacity over queries: Share is the share of the queries that visit at most
// Capacity nodes.
type Row struct {
	EfSearch int     `csv:"ef_search"`
	Share    float64 `csv:"share"`
	Capacity int     `csv:"capacity"`
}

// capacities returns the distributions at the efSearch of condition 1.
func capacities(w *walks) (rows []Row) {
	for _, ef := range study.FixedEfSearch() {
		rows = append(rows, distribution(ef, w.sortedCapacities(ef))...)
	}
	return rows
}

// distribution returns points of the distribution of the sorted capacities at one efSearch.
func distribution(ef int, sorted []int) (rows []Row) {
	n := len(sorted)
	for _, rank := range plottedRanks(n) {
		rows = append(rows, Row{ef, float64(rank) / float64(n), sorted[rank-1]})
	}
	return rows
}

// plottedRanks returns ranks from 1 to n: dense below n/100, where failures occur, then every hundredth of n.
func plottedRanks(n int) (ranks []int) {
	for r := 1; r < max(1, n/100); r += 1 + r/4 {
		ranks = append(ranks, r)
	}
	for i := 1; i <= 100; i++ {
		if r := n * i / 100; r > 0 {
			ranks = append(ranks, r)
		}
	}
	return ranks
}
