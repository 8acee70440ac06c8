package figure

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// row returns one row of a table. Numbers have the fewest digits that identify them.
func row(cells ...any) []string {
	line := make([]string, len(cells))
	for i, c := range cells {
		line[i] = fmt.Sprint(c)
	}
	return line
}

func digits(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// groupBy returns the rows in groups of equal keys, in the order of the first row of each key.
func groupBy[R any, K comparable](rows []R, key func(R) K) (groups [][]R) {
	at := map[K]int{}
	for _, r := range rows {
		i, known := at[key(r)]
		if !known {
			i = len(groups)
			at[key(r)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// filter returns a new slice of the rows for which keep returns true.
func filter[R any](rows []R, keep func(R) bool) (kept []R) {
	for _, r := range rows {
		if keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// ordered sorts rows in place by a number, keeps the order of equal numbers, and returns rows.
func ordered[R any](rows []R, by func(R) int) []R {
	slices.SortStableFunc(rows, func(a, b R) int { return cmp.Compare(by(a), by(b)) })
	return rows
}

// atLargest returns the largest number of a row, and the rows with that number, in order.
func atLargest[R any](rows []R, number func(R) int) (largest int, these []R) {
	for _, r := range rows {
		largest = max(largest, number(r))
	}
	return largest, filter(rows, func(r R) bool { return number(r) == largest })
}

// threeOf returns the first, the middle and the last element of a list, or the list if it has at most three.
func threeOf[T any](list []T) []T {
	if len(list) <= 3 {
		return list
	}
	return []T{list[0], list[len(list)/2], list[len(list)-1]}
}
