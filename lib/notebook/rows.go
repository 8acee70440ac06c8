package notebook

import "anncapacity/lib/internal/numpy"

// Rows draws count of the rows 0…n-1 without replacement, as numpy.random.default_rng(seed).choice(n, count, replace=False) does.
// A count below 1 or above n is an error.
func Rows(n, count int, seed uint64) ([]int32, error) { return numpy.Choice(n, count, seed) }
