package figure

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// row is one line of a CSV: words and numbers, these with as many digits as tell them apart.
func row(cells ...any) []string {
	line := make([]string, len(cells))
	for i, c := range cells {
		line[i] = fmt.Sprint(c)
	}
	return line
}

func digits(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// groupBy gathers the rows of one key, keys in the order in which they first appear.
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

// filter is a new slice of the rows to keep.
func filter[R any](rows []R, keep func(R) bool) (kept []R) {
	for _, r := range rows {
		if keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// ordered sorts rows by a number and leaves those of one number as they are.
func ordered[R any](rows []R, by func(R) int) []R {
	slices.SortStableFunc(rows, func(a, b R) int { return cmp.Compare(by(a), by(b)) })
	return rows
}

// atLargest are the rows of the largest number, in their order.
func atLargest[R any](rows []R, number func(R) int) (largest int, these []R) {
	for _, r := range rows {
		largest = max(largest, number(r))
	}
	return largest, filter(rows, func(r R) bool { return number(r) == largest })
}

// threeOf is the first, the middle and the last of a list, or the list where it is no longer than that.
func threeOf[T any](list []T) []T {
	if len(list) <= 3 {
		return list
	}
	return []T{list[0], list[len(list)/2], list[len(list)-1]}
}
