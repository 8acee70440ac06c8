// Package order ranks the units of a layout for a query, from what is kept in memory alone.
package order

// Order ranks units. It is safe for concurrent use.
type Order interface {
	// Rank fills r with at most limit units, the most promising first. query has the dimension of the base.
	Rank(query []float32, limit int, r *Ranking)
	// Remaining returns the estimated probability that a unit other than the first n of r holds a vector whose squared distance
	// to the query is below best. r is the result of the latest Rank for that query.
	Remaining(best float32, n int, r *Ranking) float64
	// MemoryBytes returns the bytes that ranking needs in memory for the whole base: centroids, codes, codebooks and weights. The
	// positions of the units are not included: an open file holds them, unless all units have the same number of pages.
	MemoryBytes() int64
}

// Ranking is the result of Rank and the memory that Rank may use again. The zero value is ready for use.
type Ranking struct {
	Units   []int32   // the units in the order in which they are to be read
	Squared []float32 // Squared[i] is the squared distance between the query and the centroid of Units[i]; empty if the order has none
	Mass    []float32 // Mass[i] is the probability that Units[i] holds the nearest neighbour, by a network; empty for other orders

	Scratch any // belongs to the Order
}
