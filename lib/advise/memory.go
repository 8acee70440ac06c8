package advise

import (
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/parallel"
)

// Run holds the vectors, the neighbours of the queries and, beside them, what one phase at a time needs: the exact search, then
// the construction of one graph after another, each followed by the walks over that graph.

// Memory in addition to the data.
const (
	processBytes = 320 << 20 // of the program and of XLA, determined by experiment
	productBytes = 512 << 20 // of the computation of a matrix of distances
)

func gib(bytes int64) float64 { return float64(bytes) / (1 << 30) }

// vectorBytes returns the memory that Run needs at its peak without a matrix of all distances.
func (o Options) vectorBytes() int64 {
	queries := o.sampled()
	return o.heldBytes(queries) + max(o.searchBytes(queries), o.graphBytes(queries))
}

// matrixBytes is vectorBytes with the matrix of all distances and the exact neighbours of all points.
func (o Options) matrixBytes() int64 {
	n := int64(o.Base.N)
	return o.heldBytes(o.Base.N) + 4*n*n + max(productBytes, o.graphBytes(o.Base.N)) + n*listBytes(o.most()+1)
}

// heldBytes returns the memory of what all phases share: the vectors, a normalised copy for the cosine, and per query and k the
// IDs of the neighbours.
func (o Options) heldBytes(queries int) int64 {
	copies := int64(1)
	if o.Metric == ann.Cosine {
		copies = 2
	}
	total := processBytes + 4*copies*int64(len(o.Base.Data)) + 4*int64(len(o.Queries.Data))
	for _, k := range o.K {
		total += int64(queries) * (4*int64(k) + sliceBytes)
	}
	return total
}

const sliceBytes = 24

// listBytes returns the memory of a list of neighbours.
func listBytes(k int) int64 { return 8*int64(k) + sliceBytes }

// searchBytes returns the memory that the exact search needs at least, with the queries that are copied for it.
func (o Options) searchBytes(queries int) int64 {
	if o.Truth != nil {
		return 0
	}
	return int64(queries)*4*int64(o.Base.D) + exact.New(o.Base).BatchBytes(queries, o.most()+1+o.self())
}

// graphBytes returns the memory of the largest graph and of its construction or, if these need more, of the walks over it.
func (o Options) graphBytes(queries int) (most int64) {
	for _, m := range o.M {
		for _, insertion := range insertions {
			b := hnsw.Options{M: m, Insertion: insertion}
			most = max(most, b.BuildBytes(o.Base.N, o.Base.D), b.GraphBytes(o.Base.N)+o.walkBytes(queries))
		}
	}
	return most
}

// walkBytes returns the memory of the walks: the reachable nodes as flags and as a list, the scratch memory of each worker, whose
// walk may visit every node, and the efforts of the neighbours for one k.
func (o Options) walkBytes(queries int) int64 {
	n := o.Base.N
	return int64(n)*(1+4) + int64(parallel.Limit(queries))*hnsw.WalkerBytes(n, n) + int64(queries)*4*int64(o.most())
}

// sampled returns the number of queries without a matrix of all distances.
func (o Options) sampled() int {
	switch {
	case o.Sample > 0:
		return o.Sample
	case o.own():
		return min(o.Queries.N, sampledQueries)
	}
	return min(o.Base.N, sampledPoints)
}

// checkMemory returns an error if Run needs more memory than allowed.
func (p *problem) checkMemory() error {
	need := p.vectorBytes()
	if p.onMatrix || need <= p.Memory {
		return nil
	}
	return fmt.Errorf("%d × %d vectors, an index with M = %d on them and the searches need %.2f GiB, but the memory limit is %.2f GiB",
		p.Base.N, p.Base.D, slices.Max(p.M), gib(need), gib(p.Memory))
}
