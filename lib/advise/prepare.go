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

// problem is what every (M, efConstruction) is measured on.
type problem struct {
	Options
	onMatrix bool
	space    hnsw.Space
	queries  []int32   // IDs of points, ascending
	truth    [][]int32 // of each query, the k exact neighbours
	tied     []bool    // of each query, whether its k-th neighbour is no nearer than the next
	ties     int       // how many are
	copies   copies
}

func newProblem(ctx context.Context, o Options) (*problem, error) {
	p := &problem{Options: o, onMatrix: o.matrixBytes() <= o.Memory}
	if need := o.vectorBytes(); !p.onMatrix && need > o.Memory {
		return nil, fmt.Errorf("%d × %d vectors and an index on them need %.2g GiB, the memory allowed is %.2g GiB",
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

// What a process needs besides its data, as measured, and what more the products of a matrix of distances need.
const (
	processBytes = 256 << 20
	productBytes = 512 << 20
)

// vectorBytes counts the vectors, their centred copy, and level 0 of the largest index.
func (o Options) vectorBytes() int64 {
	return processBytes + int64(o.Base.N)*(8*int64(o.Base.D)+8*int64(slices.Max(o.M)))
}

// matrixBytes adds all distances and every point's exact neighbours, with their efforts.
func (o Options) matrixBytes() int64 {
	return o.vectorBytes() + productBytes + int64(o.Base.N)*(4*int64(o.Base.N)+16*int64(o.K+1))
}

// findTruth asks for one neighbour more than k, where there is one, to see ties at the k-th.
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

// exactLists is the wanted nearest others of every query. It also chooses the space that indexes are built on.
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

// searchOthers asks for one more than wanted and leaves the query out by identity. Where it is not in its own list,
// as many duplicates of it are, and the last of the list goes.
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
