package advise

import (
	"context"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/internal/progress"
)

// problem holds the points, the queries and their exact neighbours, which all settings share.
type problem struct {
	Options
	onMatrix bool
	space    hnsw.Space
	queries  []int32   // IDs of points, ascending
	truth    [][]int32 // per query, the k exact neighbours
	tied     []bool    // per query, whether its k-th and (k+1)-th neighbours are at the same distance
	ties     int       // number of queries that are tied
	copies   copies
}

func newProblem(ctx context.Context, o Options) (*problem, error) {
	p := &problem{Options: o, onMatrix: o.matrixBytes() <= o.Memory}
	if need := o.vectorBytes(); !p.onMatrix && need > o.Memory {
		return nil, fmt.Errorf("%d × %d vectors and an index on them need %.2g GiB, but the memory limit is %.2g GiB",
			o.Base.N, o.Base.D, gib(need), gib(o.Memory))
	}
	n := o.Queries
	switch {
	case n == 0 && p.onMatrix:
		n = o.Base.N
	case n == 0:
		n = min(o.Base.N, sampledQueries)
	}
	var err error
	if p.queries, err = numpy.Choice(o.Base.N, n, o.Seed); err != nil {
		return nil, err
	}
	slices.Sort(p.queries)
	p.copies = findCopies(o.Base)
	return p, p.findTruth(ctx)
}

func gib(bytes int64) float64 { return float64(bytes) / (1 << 30) }

// Memory in addition to the data.
const (
	processBytes = 256 << 20 // of the process, determined by experiment
	productBytes = 512 << 20 // of the computation of a matrix of distances
)

// vectorBytes returns the memory that the vectors, their centred copy, and level 0 of the largest index need.
func (o Options) vectorBytes() int64 {
	return processBytes + int64(o.Base.N)*(8*int64(o.Base.D)+8*int64(slices.Max(o.M)))
}

// matrixBytes returns vectorBytes plus the memory that the matrix of all distances, and the exact neighbours of all points
// with their efforts, need.
func (o Options) matrixBytes() int64 {
	return o.vectorBytes() + productBytes + int64(o.Base.N)*(4*int64(o.Base.N)+16*int64(o.K+1))
}

// findTruth computes the exact neighbours of the queries. It computes k + 1 of them if possible, to detect ties at rank k.
func (p *problem) findTruth(ctx context.Context) error {
	defer progress.Spin(p.Progress, "exact neighbours")()
	wanted := min(p.K+1, p.Base.N-1)
	lists, err := p.exactLists(ctx, wanted)
	if err != nil {
		return err
	}
	p.truth, p.tied = make([][]int32, len(lists)), make([]bool, len(lists))
	for i, list := range lists {
		if wanted > p.K && list[p.K].Distance == list[p.K-1].Distance {
			p.tied[i] = true
			p.ties++
		}
		p.truth[i] = make([]int32, p.K)
		for j := range p.truth[i] {
			p.truth[i][j] = list[j].ID
		}
	}
	return nil
}

// exactLists returns the given number of exact neighbours of every query. It also sets the space that graphs are built on.
func (p *problem) exactLists(ctx context.Context, wanted int) ([]ann.Neighbors, error) {
	if !p.onMatrix {
		p.space = hnsw.OnVectors(p.Base)
		return p.searchOthers(ctx, wanted)
	}
	m, err := exact.AllPairs(ctx, p.Base)
	if err != nil {
		return nil, err
	}
	p.space = hnsw.OnMatrix(m)
	all, err := m.Neighbors(wanted)
	if err != nil {
		return nil, err
	}
	lists := make([]ann.Neighbors, len(p.queries))
	for i, q := range p.queries {
		lists[i] = all[q]
	}
	return lists, nil
}

// searchOthers computes one neighbour more than wanted and removes the query by identity. If a query is not in its list,
// because the list holds duplicates of it, the last member is removed.
func (p *problem) searchOthers(ctx context.Context, wanted int) ([]ann.Neighbors, error) {
	vectors, err := p.Base.Subset(p.queries)
	if err != nil {
		return nil, err
	}
	lists, err := exact.New(p.Base).SearchBatch(ctx, vectors, wanted+1)
	for i := range lists {
		self := p.queries[i]
		lists[i] = slices.DeleteFunc(lists[i], func(n ann.Neighbor) bool { return n.ID == self })[:wanted]
	}
	return lists, err
}
