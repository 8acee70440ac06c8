package partition

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
)

// chunkRows is the number of vectors whose nearest centroids are found at a time: 8 blocks of package exact.
const chunkRows = 64_000

// Assign returns the k nearest centroids of every vector of the base, by exact search: IDs of centroids and L2 distances, in
// ascending order of distance, ties by ID. It takes memory for a float32 copy of 64,000 vectors. It is an error if the dimensions
// differ, if a coordinate is not finite, or if k is not between 1 and the number of centroids.
func Assign(ctx context.Context, base ann.Coordinates, centroids ann.Vectors, k int) ([]ann.Neighbors, error) {
	if base.D != centroids.D {
		return nil, fmt.Errorf("partition: vectors have %d dimensions, centroids %d", base.D, centroids.D)
	}
	if k < 1 || k > centroids.N {
		return nil, fmt.Errorf("partition: k = %d of %d centroids: must be between 1 and their number", k, centroids.N)
	}
	lists, index := make([]ann.Neighbors, 0, base.N), exact.New(centroids)
	for first := 0; first < base.N; first += chunkRows {
		found, err := index.SearchBatch(ctx, base.Rows(first, min(first+chunkRows, base.N)), k)
		if err != nil {
			return nil, fmt.Errorf("partition: vectors from %d on: %w", first, err)
		}
		lists = append(lists, found...)
	}
	return lists, nil
}
