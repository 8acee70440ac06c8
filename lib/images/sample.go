package images

import "errors"

// Sample draws n of population rows without replacement.
func Sample(population, n int, seed uint64) ([]int32, error) {
	return nil, errors.New("not built yet")
}
