package storage

import (
	"fmt"
	"math/rand/v2"

	"anncapacity/lib/ann"
)

// Sizes are the numbers of vectors of the three sets of a study, each at least 1.
type Sizes struct{ Base, Learn, Queries int }

// Divide draws the base, the learn queries and the test queries of a study from one set of vectors: different rows, at random. The
// same seed gives the same sets. Where each row is of another photograph, no photograph is in two sets. It is an error if there are
// fewer rows than the sets have together.
func Divide(c ann.Coordinates, n Sizes, seed uint64) (base, learn, queries ann.Coordinates, err error) {
	if min(n.Base, n.Learn, n.Queries) < 1 {
		return base, learn, queries, fmt.Errorf("storage: %d base vectors, %d learn queries, %d queries: each must be at least 1", n.Base, n.Learn, n.Queries)
	}
	if n.Base > c.N || n.Learn > c.N-n.Base || n.Queries > c.N-n.Base-n.Learn {
		return base, learn, queries, fmt.Errorf("storage: %d vectors are too few for %d base vectors, %d learn queries and %d queries",
			c.N, n.Base, n.Learn, n.Queries)
	}
	var rows []int32
	for _, row := range rand.New(rand.NewPCG(seed, 0)).Perm(c.N) {
		rows = append(rows, int32(row))
	}
	from := 0
	for _, set := range []struct {
		to   *ann.Coordinates
		size int
	}{{&base, n.Base}, {&learn, n.Learn}, {&queries, n.Queries}} {
		if *set.to, err = c.Subset(rows[from : from+set.size]); err != nil {
			return base, learn, queries, err
		}
		from += set.size
	}
	return base, learn, queries, nil
}
