// Package numpy draws the random numbers that NumPy draws: its bit generator PCG64 and Generator.choice.
package numpy

import (
	"fmt"
	"math"
)

// Choice draws n of the numbers 0…population-1 without replacement: numpy.random.default_rng(seed).choice(population, n,
// replace=False), value for value. Populations above 10,000 of which more than a fiftieth is drawn are shuffled from
// the tail; the others are drawn by Floyd's algorithm and then shuffled. A n below 1 or above the population, or a population
// above 2³¹-1, is an error.
func Choice(population, n int, seed uint64) ([]int32, error) {
	switch {
	case n < 1:
		return nil, fmt.Errorf("sample: %d rows asked for, want at least 1", n)
	case n > population:
		return nil, fmt.Errorf("sample: %d rows asked of %d without replacement", n, population)
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

// floyd is Floyd's algorithm F2 (Bentley & Floyd, CACM 30(9), 1987).
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

// shuffle is Fisher and Yates's, from the last element down to element first.
func shuffle(g *pcg64, rows []int32, first int) {
	for i := len(rows) - 1; i >= first; i-- {
		j := g.upTo(uint32(i))
		rows[i], rows[j] = rows[j], rows[i]
	}
}
