package study

import (
	"context"

	"anncapacity/lib/internal/parallel"
)

// Ask processes query q.
type Ask func(q int) error

// EachQuery processes every query once, in parallel. Each worker calls prepare once and processes its queries with the
// result.
func EachQuery(ctx context.Context, queries []int32, prepare func() (Ask, error)) error {
	return parallel.Each(ctx, len(queries), func() (func(i int) error, error) {
		ask, err := prepare()
		return func(i int) error { return ask(int(queries[i])) }, err
	})
}

// firstIDs returns 0 … n−1.
func firstIDs(n int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(i)
	}
	return ids
}
