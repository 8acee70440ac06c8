// Package numpy generates the same random numbers as NumPy: it implements the bit generator PCG64 and Generator.choice.
package numpy

import (
	"fmt"
	"math"
)

// Choice draws n of the numbers 0…population-1 without replacement. It returns the same values in the same order as
// numpy.random.default_rng(seed).choice(population, n, replace=False). If the population is above 10,000 and n is more than a
// fiftieth of it, the population is shuffled from the tail; otherwise the numbers are drawn by Floyd's algorithm and then
// shuffled. It is an error if n is below 1 or above the population, or if the population is above 2³¹-1.
func Choice(population, n int, seed uint64) ([]int32, error) {
	switch {
	case n < 1:
		return nil, fmt.Errorf("sample: %d rows requested, want at least 1", n)
	case n > population:
		return nil, fmt.Errorf("sample: %d rows requested of %d without replacement", n, population)
	case population > math.MaxInt32:
		return nil, fmt.Errorf("sample: population %d, want at most %d", population, math.MaxInt32)
	}
	g := newPCG64(seed)
	if population > 10000 && n > population/50 {
		return tailShuffle(g, population, n), nil
	}
	return floyd(g, population, n), nil
}

func tailShuffle(g *pcg64, population, n int) []int32 {
	rows := make([]int32, population)
	for i := range rows {
		rows[i] = int32(i)
	}
	shuffle(g, rows, max(population-n, 1))
	return append([]int32(nil), rows[population-n:]...)
}

// floyd draws by Floyd's algorithm F2 (Bentley & Floyd, CACM 30(9), 1987) and shuffles the result.
func floyd(g *pcg64, population, n int) []int32 {
	rows := make([]int32, 0, n)
	drawn := make(map[int32]struct{}, n)
	for j := int32(population - n); len(rows) < n; j++ {
		row := int32(g.upTo(uint32(j)))
		if _, taken := drawn[row]; taken {
			row = j
		}
		drawn[row] = struct{}{}
		rows = append(rows, row)
	}
	shuffle(g, rows, 1)
	return rows
}

// shuffle performs the Fisher–Yates shuffle from the last element down to element first.
func shuffle(g *pcg64, rows []int32, first int) {
	for i := len(rows) - 1; i >= first; i-- {
		j := g.upTo(uint32(i))
		rows[i], rows[j] = rows[j], rows[i]
	}
}
