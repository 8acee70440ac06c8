package advise

import (
	"cmp"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// copies holds the number of rows that are equal to another row, and the size of the largest group of equal rows.
type copies struct{ rows, largest int }

// hashedRow is a row and a hash of its numbers: equal rows have equal hashes.
type hashedRow struct {
	hash uint64
	row  int32
}

// findCopies counts the equal rows of v.
func findCopies(v ann.Vectors) copies {
	rows := make([]hashedRow, v.N)
	parallel.For(v.N, func(i int) { rows[i] = hashedRow{hash(v.Row(i)), int32(i)} })
	slices.SortFunc(rows, func(a, b hashedRow) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.row, b.row)) })
	var c copies
	for first := 0; first < len(rows); {
		last := first + 1
		for last < len(rows) && slices.Equal(v.Row(int(rows[first].row)), v.Row(int(rows[last].row))) {
			last++
		}
		if group := last - first; group > 1 {
			c.rows += group
			c.largest = max(c.largest, group)
		}
		first = last
	}
	return c
}

// hash returns a hash of a row's numbers; −0 counts as 0.
func hash(row []float32) (h uint64) {
	for _, x := range row {
		h = (h ^ uint64(math.Float32bits(x+0))) * 0x9e3779b97f4a7c15
		h ^= h >> 32
	}
	return h
}
