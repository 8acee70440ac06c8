package notebook

import "anncapacity/lib/internal/numpy"

// Rows draws count of the rows 0…n-1 without replacement. It returns the same rows as
// numpy.random.default_rng(seed).choice(n, count, replace=False). It is an error if count is below 1 or above n.
func Rows(n, count int, seed uint64) ([]int32, error) { return numpy.Choice(n, count, seed) }
