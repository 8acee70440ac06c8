package hnsw

import (
	"context"
	"fmt"
	"sync"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// SearchOptions are the parameters of a search.
type SearchOptions struct {
	EfSearch int // zero means 16, as in FAISS
	Policy   Policy
	Metric   ann.Metric // metric that the graph was built with
}

const defaultEfSearch = 16

// Searcher searches a graph for the neighbours of queries at one efSearch. Its answers are those of Walk.Answer, but it
// keeps only the efSearch nearest nodes. It is safe for concurrent use and implements ann.Searcher.
type Searcher struct {
	g       *Graph
	base    ann.Vectors
	space   Space
	options SearchOptions
	plain   sync.Pool // of *search
	walkers sync.Pool // of *Walker
}

// NewSearcher returns a Searcher of g. base must hold the vectors that g was built on.
func NewSearcher(g *Graph, base ann.Vectors, o SearchOptions) (*Searcher, error) {
	if o.EfSearch == 0 {
		o.EfSearch = defaultEfSearch
	}
	if o.EfSearch < 1 || int(o.Policy) >= len(Policies) {
		return nil, fmt.Errorf("hnsw: efSearch = %d with policy %v: efSearch must be at least 1", o.EfSearch, o.Policy)
	}
	space, err := OnMetric(base, o.Metric)
	if err != nil {
		return nil, err
	}
	if err := checkSpace(g, space); err != nil {
		return nil, err
	}
	return &Searcher{g: g, base: base, space: space, options: o}, nil
}

// Search returns the k nearest neighbours of the query under the policy of the options. With Pad and Truncate, the list may
// be shorter than k. If k exceeds efSearch under Pad, the answer has nodes beyond the efSearch nearest, and Search performs a
// walk. It also does for a very large efSearch.
func (s *Searcher) Search(query ann.Query, k int) (ann.Neighbors, error) {
	if err := ann.CheckQuery(query, k, s.base.N, s.base.D); err != nil {
		return nil, fmt.Errorf("hnsw: %w", err)
	}
	from, self, err := sourceOf(s.space, query)
	if err != nil {
		return nil, err
	}
	a := s.options.Policy.request(k, s.options.EfSearch, self)
	if a.Rejected {
		return nil, rejected(k, s.options.EfSearch, self)
	}
	if a.returned > a.EfSearch || a.EfSearch > maxPool {
		return s.walk(query, k, a.EfSearch)
	}
	p, ok := s.plain.Get().(*search)
	if !ok {
		p = &search{explorer: explorer{g: s.g, seen: newStamps(s.g.Len())}}
	}
	defer s.plain.Put(p)
	return p.answer(from, self, a, k, s.space)
}

// walk answers a query by a walk.
func (s *Searcher) walk(query ann.Query, k, efSearch int) (ann.Neighbors, error) {
	w, ok := s.walkers.Get().(*Walker)
	if !ok {
		w, _ = NewWalker(s.g, s.space) // NewSearcher has checked the arguments
	}
	defer s.walkers.Put(w)
	walk, err := w.Walk(query, efSearch)
	if err != nil {
		return nil, err
	}
	return walk.Answer(s.options.Policy, k, s.options.EfSearch)
}

// SearchBatch returns the answers of Search to all queries. It uses all cores. It returns the first error, or ctx.Err() if
// ctx is cancelled.
func (s *Searcher) SearchBatch(ctx context.Context, queries ann.Vectors, k int) ([]ann.Neighbors, error) {
	if queries.N > 0 && queries.D != s.base.D {
		return nil, fmt.Errorf("hnsw: the queries have %d dimensions, the indexed vectors %d", queries.D, s.base.D)
	}
	lists := make([]ann.Neighbors, queries.N)
	blocks := (queries.N + searchBlock - 1) / searchBlock
	err := parallel.Each(ctx, blocks, func() (func(int) error, error) {
		return func(block int) (err error) {
			for i := block * searchBlock; i < min((block+1)*searchBlock, queries.N) && err == nil; i++ {
				lists[i], err = s.Search(ann.Query{Vector: queries.Row(i)}, k)
			}
			return err
		}, nil
	})
	if err != nil {
		return nil, err
	}
	return lists, nil
}

// searchBlock is the number of queries that a worker of SearchBatch answers before it takes more.
const searchBlock = 16

// search holds the scratch space of a search for one efSearch, Algorithm 2 on level 0.
type search struct {
	explorer
	keys []uint64
}

// answer performs the search and returns the answer to request a. It visits the nodes that a walk visits at the same
// efSearch: it expands every node that is as near as the last of the efSearch nearest.
func (s *search) answer(from source, self int32, a request, k int, space Space) (ann.Neighbors, error) {
	start := descend(s.g, &s.gather, from, 0)
	s.explore(from, start, 0, a.EfSearch, true)
	s.keys = s.pool.keys(s.keys[:0])
	return answerOf(s.keys[:min(a.returned, len(s.keys))], self, k, space.metric(), space.scale())
}
