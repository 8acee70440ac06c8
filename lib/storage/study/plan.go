package study

// Plan holds the sizes of a study.
type Plan struct {
	Seeds    []uint64  // of k-means, layouts and networks
	Budgets  []float64 // memory of the centroids of k-means and of closure, bytes for each base vector
	Sketches []float64 // memory of the sketches, bytes for each base vector
	Networks []Network
	Queries  int // maximum number of test queries
}

// Network is a series of trained networks: one for each number of learn queries.
type Network struct {
	Base   int   // number of base vectors, the first of the base
	Units  int   // number of clusters
	Learns []int // numbers of learn queries, the first of the learn set
	Rounds int   // number of rounds, after each but the last of which pairs are duplicated
	Epochs int   // of each round
	Hidden int   // width of both hidden layers
	Best   bool  // train also the variant with a wide network, soft labels and a linear layer from the centroids
}
