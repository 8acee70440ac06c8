package hnsw

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
)

// Policy is what an engine does when k exceeds efSearch.
//
// Whoever asks for the neighbours of an indexed point asks the engine for k + 1 answers and drops the point itself
// (as the study does); the policies apply to that request. In the comments k is the number of answers requested.
type Policy uint8

const (
	Pad      Policy = iota // the k nearest of visited(efSearch), missing slots stay empty: FAISS IndexHNSWFlat
	Raise                  // the k nearest of visited(max(efSearch, k)): hnswlib, usearch, Qdrant, Weaviate, …
	Truncate               // the min(k, efSearch) nearest of visited(efSearch): pgvector
	Reject                 // ErrRejected: Milvus, Elasticsearch
)

// Policies lists them all.
var Policies = []Policy{Pad, Raise, Truncate, Reject}

func (p Policy) String() string {
	if int(p) < len(Policies) {
		return [...]string{"Pad", "Raise", "Truncate", "Reject"}[p]
	}
	return fmt.Sprintf("Policy(%d)", uint8(p))
}

// ErrRejected is the answer of Reject to k > efSearch.
var ErrRejected = errors.New("hnsw: k exceeds efSearch, and the policy is to reject that")

// Terms are what a policy makes of a request for k neighbours at an efSearch.
type Terms struct {
	EfSearch int  // that the engine searches with
	Most     int  // neighbours that it returns at most, the query itself left out
	Rejected bool // it returns ErrRejected instead of an answer; Most is 0
}

// Terms returns those for k neighbours of the query, itself left out when it is an indexed point.
func (p Policy) Terms(k, efSearch int, query ann.Query) Terms {
	_, indexed := query.Self()
	return p.terms(k, efSearch, indexed)
}

func (p Policy) terms(k, efSearch int, indexed bool) Terms {
	self := 0 // the query's own place in the answer
	if indexed {
		self = 1
	}
	switch {
	case p == Raise:
		efSearch = max(efSearch, k+self)
	case p == Truncate:
		k = min(k, efSearch-self)
	case p == Reject && k+self > efSearch:
		return Terms{EfSearch: efSearch, Rejected: true}
	}
	return Terms{EfSearch: efSearch, Most: k}
}

// Counts returns how many exact neighbours an answer holds and how long it is, where the search at t.EfSearch reaches so
// many of the k exact neighbours and visits capacity nodes other than the query; an indexed query is taken to be visited
// too. A visited exact neighbour's rank among the
// visited is the number of visited exact neighbours up to it, so an answer of Most holds the first Most of them.
func (t Terms) Counts(reached, capacity int) (shared, length int) {
	return min(t.Most, reached), min(t.Most, capacity)
}

// Answer is what an engine with the policy returns for k neighbours at efSearch. The walk must have been run to the EfSearch
// of p.Terms(k, efSearch, query) at least.
func (w *Walk) Answer(p Policy, k, efSearch int) (ann.Neighbors, error) {
	indexed := w.self != noLink
	t := p.terms(k, efSearch, indexed)
	if t.Rejected {
		return nil, fmt.Errorf("%w: k = %d, efSearch = %d", ErrRejected, k, efSearch)
	}
	returned := t.Most
	if indexed {
		returned++
	}
	list := w.nearest(returned, t.EfSearch, k)
	for _, n := range list {
		if n.Distance-n.Distance != 0 {
			return nil, fmt.Errorf("hnsw: the distance of point %d is %v: float32 cannot hold it; scale the vectors down", n.ID, n.Distance)
		}
	}
	return list, nil
}

// nearest takes the given number of nearest nodes of visited(ef), and of these at most k others than the query.
func (w *Walk) nearest(returned, ef, k int) ann.Neighbors {
	keys := w.sorted(w.Visited(ef))
	list := make(ann.Neighbors, 0, k)
	for _, key := range keys[:min(returned, len(keys))] {
		if rank.ID(key) != w.self && len(list) < k {
			list = append(list, ann.Neighbor{ID: rank.ID(key), Distance: w.distance(rank.Value(key))})
		}
	}
	if !slices.IsSortedFunc(list, ann.Neighbor.Compare) { // two squares may share a root
		list.Sort()
	}
	return list
}

// sorted is the first n nodes visited, nearest first.
func (w *Walk) sorted(n int) []uint64 {
	keys := slices.Clone(w.keys[:n])
	if !w.bounded {
		slices.Sort(keys)
		return keys
	}
	slices.SortStableFunc(keys, func(a, b uint64) int { return cmp.Compare(rank.Value(a), rank.Value(b)) })
	return keys
}
