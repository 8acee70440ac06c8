package hnsw

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
)

// Policy is the behaviour of an engine when k exceeds efSearch.
//
// To find the k neighbours of an indexed point, the study requests k + 1 answers from the engine and removes the point
// itself. The policy applies to that request. In the comments of the constants, k is the number of answers requested.
type Policy uint8

const (
	Pad      Policy = iota // the k nearest of visited(efSearch); missing slots remain empty: FAISS IndexHNSWFlat
	Raise                  // the k nearest of visited(max(efSearch, k)): hnswlib, usearch, Qdrant, Redis, …
	Truncate               // the min(k, efSearch) nearest of visited(efSearch): pgvector
	Reject                 // ErrRejected: Milvus, LanceDB, …
)

// Policies lists all policies.
var Policies = []Policy{Pad, Raise, Truncate, Reject}

// String returns the name of the policy.
func (p Policy) String() string {
	if int(p) < len(Policies) {
		return [...]string{"Pad", "Raise", "Truncate", "Reject"}[p]
	}
	return fmt.Sprintf("Policy(%d)", uint8(p))
}

// ErrRejected is the error that the policy Reject returns for k > efSearch.
var ErrRejected = errors.New("hnsw: k exceeds efSearch, and the policy is to reject that")

// Terms describes how an engine with some policy answers a request for k neighbours at some efSearch.
type Terms struct {
	EfSearch int  // efSearch of the engine's search
	Most     int  // maximum number of neighbours returned, without the query itself
	Rejected bool // the engine returns ErrRejected instead of an answer; Most is 0
}

// Terms returns the terms of a request for k neighbours of the query. If the query is an indexed point, the k neighbours do
// not include it.
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

// Counts returns the number of exact neighbours in an answer, and its length. The arguments describe the search at
// t.EfSearch: reached is the number of the k exact neighbours that it visits, and capacity the number of nodes other than
// the query. Counts assumes that the search visits an indexed query too.
//
// The rank of a visited exact neighbour among the visited nodes is the number of visited exact neighbours up to it. An
// answer of length Most therefore holds the first Most of them.
func (t Terms) Counts(reached, capacity int) (shared, length int) {
	return min(t.Most, reached), min(t.Most, capacity)
}

// request holds the terms of a request to an engine, and the number of nodes that its answer is taken from, which includes
// the query itself if it is indexed.
type request struct {
	Terms
	returned int
}

// request returns the terms of a request for k neighbours of a query, whose ID is self, or noLink if it is not indexed.
func (p Policy) request(k, efSearch int, self int32) request {
	t := p.terms(k, efSearch, self != noLink)
	if self != noLink {
		return request{t, t.Most + 1}
	}
	return request{t, t.Most}
}

// rejected returns the error for a request that the policy Reject rejects.
func rejected(k, efSearch int, self int32) error {
	if self != noLink {
		k++
	}
	return fmt.Errorf("%w: k = %d, efSearch = %d", ErrRejected, k, efSearch)
}

// Answer returns the answer of an engine with the given policy to a request for k neighbours at efSearch. The MaxEffort of
// the walk must be at least the EfSearch of p.Terms(k, efSearch, query); otherwise Answer panics.
func (w *Walk) Answer(p Policy, k, efSearch int) (ann.Neighbors, error) {
	a := p.request(k, efSearch, w.self)
	if a.Rejected {
		return nil, rejected(k, efSearch, w.self)
	}
	return answerOf(w.sorted(w.Visited(a.EfSearch), a.returned), w.self, k, w.metric, w.scale)
}

// answerOf returns at most k of the nodes with the given keys that are not the query, or an error if a distance is infinite
// or not a number.
func answerOf(keys []uint64, self int32, k int, metric ann.Metric, scale float64) (ann.Neighbors, error) {
	list := make(ann.Neighbors, 0, min(k, len(keys)))
	for _, key := range keys {
		if rank.ID(key) == self || len(list) == k {
			continue
		}
		n := ann.Neighbor{ID: rank.ID(key), Distance: distance(metric, scale, rank.Value(key))}
		if n.Distance-n.Distance != 0 {
			return nil, fmt.Errorf("hnsw: the distance of point %d is %v: it overflows float32; scale the vectors down", n.ID, n.Distance)
		}
		list = append(list, n)
	}
	if !slices.IsSortedFunc(list, ann.Neighbor.Compare) { // the roots of two different squares may be equal
		list.Sort()
	}
	return list, nil
}

// sorted returns the keys of the nearest most of the first n nodes visited that are not excluded, nearest first.
func (w *Walk) sorted(n, most int) []uint64 {
	keys := slices.Clone(w.keys[:n])
	if w.excluded != nil {
		keys = slices.DeleteFunc(keys, func(key uint64) bool { return w.excluded[rank.ID(key)] })
	}
	most = min(most, len(keys))
	if !w.bounded {
		rank.Smallest(keys, most)
		keys = keys[:most]
	}
	return w.sort(keys)[:most]
}

// sort sorts keys of visited nodes, which are in the order of visiting, nearest first.
func (w *Walk) sort(keys []uint64) []uint64 {
	if !w.bounded {
		slices.Sort(keys)
		return keys
	}
	slices.SortStableFunc(keys, func(a, b uint64) int { return cmp.Compare(rank.Value(a), rank.Value(b)) })
	return keys
}
