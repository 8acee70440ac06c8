package advise

import (
	"context"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/internal/progress"
)

// problem holds the points, the queries and their exact neighbours, which all indexes share.
type problem struct {
	Options
	onMatrix  bool
	space     hnsw.Space
	queries   []int32 // rows of Options.Queries, or IDs of points; ascending
	verify    []bool  // per query, whether it is left for the verification
	questions []*question
	copies    copies
}

// question holds the exact neighbours for one k.
type question struct {
	*problem
	k     int
	truth [][]int32 // per query, the k exact neighbours
	tied  []bool    // per query, whether its k-th and (k+1)-th neighbours are, or may be, at the same distance
	ties  int       // number of queries that are known to be tied
}

// verifyEvery is the number of queries of which one is left for the verification.
const verifyEvery = 4

func newProblem(ctx context.Context, o Options) (*problem, error) {
	p := &problem{Options: o, onMatrix: !o.own() && o.Metric == ann.Euclidean && o.matrixBytes() <= o.Memory}
	if err := p.checkMemory(); err != nil {
		return nil, err
	}
	var err error
	if p.queries, err = numpy.Choice(o.candidates(), p.sampleSize(), o.Seed); err != nil {
		return nil, err
	}
	p.split()
	p.copies = findCopies(o.Base)
	return p, p.findTruth(ctx)
}

// sampleSize returns Options.Sample, or the default: all points if the matrix of their distances fits into the memory,
// otherwise 4,000 of them; of queries that are no points, at most 10,000.
func (p *problem) sampleSize() int {
	if p.Sample == 0 && p.onMatrix {
		return p.Base.N
	}
	return p.sampled()
}

// split leaves the last of the drawn queries for the verification and sorts all by row.
func (p *problem) split() {
	last := make(map[int32]bool, p.verified())
	for _, q := range p.queries[p.calibrated():] {
		last[q] = true
	}
	slices.Sort(p.queries)
	p.verify = make([]bool, len(p.queries))
	for i, q := range p.queries {
		p.verify[i] = last[q]
	}
}

// calibrated returns the number of queries that determine the advice.
func (p *problem) calibrated() int { return len(p.queries) - p.verified() }

// verified returns the number of the other queries.
func (p *problem) verified() int { return len(p.queries) / verifyEvery }

// withVerified returns the smallest number of queries of which the given number determine the advice.
func withVerified(calibrated int) int { return calibrated + (calibrated-1)/(verifyEvery-1) }

// query returns the i-th query.
func (p *problem) query(i int) ann.Query {
	if p.own() {
		return ann.Query{Vector: p.Queries.Row(int(p.queries[i]))}
	}
	return ann.PointID(p.queries[i])
}

// most returns the largest k.
func (o Options) most() int { return o.K[len(o.K)-1] }

// findTruth sets the questions, with the truth that was given or with exact neighbours. It computes one neighbour more than the
// largest k if possible, to detect ties at rank k.
func (p *problem) findTruth(ctx context.Context) error {
	if p.Truth != nil {
		for _, k := range p.K {
			p.questions = append(p.questions, p.given(k))
		}
		return p.setSpace(ctx)
	}
	wanted := min(p.most()+1, p.Base.N-p.self())
	lists, err := p.exactLists(ctx, wanted)
	if err != nil {
		return err
	}
	for _, k := range p.K {
		p.questions = append(p.questions, p.computed(k, lists))
	}
	return nil
}

// given returns the question with the given truth. Whether there are ties is not known.
func (p *problem) given(k int) *question {
	q := &question{problem: p, k: k, truth: make([][]int32, len(p.queries)), tied: make([]bool, len(p.queries))}
	for i, row := range p.queries {
		q.truth[i], q.tied[i] = p.Truth[row][:k], true
	}
	return q
}

// computed returns the question with the first k of the lists.
func (p *problem) computed(k int, lists []ann.Neighbors) *question {
	q := &question{problem: p, k: k, truth: make([][]int32, len(lists)), tied: make([]bool, len(lists))}
	for i, list := range lists {
		if len(list) > k && list[k].Distance == list[k-1].Distance {
			q.tied[i] = true
			q.ties++
		}
		q.truth[i] = make([]int32, k)
		for j := range q.truth[i] {
			q.truth[i][j] = list[j].ID
		}
	}
	return q
}

// setSpace sets the space that graphs are built on, if that is not a matrix of the exact search.
func (p *problem) setSpace(ctx context.Context) (err error) {
	if p.onMatrix {
		_, err = p.matrix(ctx)
		return err
	}
	p.space, err = hnsw.OnMetric(p.Base, p.Metric)
	return err
}

// matrix returns the matrix of all distances and sets the space to it.
func (p *problem) matrix(ctx context.Context) (*exact.Matrix, error) {
	defer progress.Spin(p.Progress, "distances of all pairs")()
	m, err := exact.AllPairs(ctx, p.Base)
	if err == nil {
		p.space = hnsw.OnMatrix(m)
	}
	return m, err
}

// exactLists returns the given number of exact neighbours of every query. It also sets the space that graphs are built on.
func (p *problem) exactLists(ctx context.Context, wanted int) ([]ann.Neighbors, error) {
	if !p.onMatrix {
		lists, err := p.search(ctx, wanted)
		if err != nil {
			return nil, err
		}
		return lists, p.setSpace(ctx)
	}
	m, err := p.matrix(ctx)
	if err != nil {
		return nil, err
	}
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

// search computes the exact neighbours. If the queries are points, it computes one neighbour more and removes the query by
// identity. If a query is not in its list, because other points are as near, the last member is removed.
func (p *problem) search(ctx context.Context, wanted int) ([]ann.Neighbors, error) {
	from := p.Base
	if p.own() {
		from = p.Queries
	}
	vectors, err := from.Subset(p.queries)
	if err != nil {
		return nil, err
	}
	index, err := exact.NewMetric(p.Base, p.Metric)
	if err != nil {
		return nil, err
	}
	bar := progress.New(p.Progress, "exact neighbours", 1000, "")
	defer bar.Stop()
	index.Progress, index.MaxMemory = bar.SetShare, max(p.searchBytes(len(p.queries)), p.graphBytes(len(p.queries)))
	lists, err := index.SearchBatch(ctx, vectors, wanted+p.self())
	if p.own() {
		return lists, err
	}
	for i := range lists {
		self := p.queries[i]
		lists[i] = slices.DeleteFunc(lists[i], func(n ann.Neighbor) bool { return n.ID == self })[:wanted]
	}
	return lists, err
}
