package hnsw

import (
	"fmt"
	"sync"

	"anncapacity/lib/ann"
)

// SearchOptions are the parameters of a search.
type SearchOptions struct {
	EfSearch int // zero means 16, as in FAISS
	Policy   Policy
	Metric   ann.Metric // metric that the graph was built with
}

const defaultEfSearch = 16

// Searcher searches a graph for the neighbours of one query at a time. It is safe for concurrent use and implements
// ann.Searcher.
type Searcher struct {
	g       *Graph
	base    ann.Vectors
	space   Space
	options SearchOptions
	walkers sync.Pool
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
	first, err := NewWalker(g, space)
	if err != nil {
		return nil, err
	}
	s := &Searcher{g: g, base: base, space: space, options: o}
	s.walkers.Put(first)
	return s, nil
}

// Search returns the k nearest neighbours of the query under the policy of the options. With Pad and Truncate, the list may
// be shorter than k.
func (s *Searcher) Search(query ann.Query, k int) (ann.Neighbors, error) {
	if err := ann.CheckQuery(query, k, s.base.N, s.base.D); err != nil {
		return nil, fmt.Errorf("hnsw: %w", err)
	}
	w, ok := s.walkers.Get().(*Walker)
	if !ok {
		w, _ = NewWalker(s.g, s.space) // NewSearcher has checked the arguments
	}
	defer s.walkers.Put(w)
	walk, err := w.Walk(query, s.options.Policy.Terms(k, s.options.EfSearch, query).EfSearch)
	if err != nil {
		return nil, err
	}
	return walk.Answer(s.options.Policy, k, s.options.EfSearch)
}
