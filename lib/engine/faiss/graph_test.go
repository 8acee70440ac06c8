//go:build faiss && cgo

package faiss

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/hnsw"
)

const graphPoints, graphDimensions = 3000, 24

// graphOf returns Gaussian points, a FAISS index of them, and its graph in lib/hnsw.
func graphOf(t *testing.T, k kind) (ann.Vectors, engine.Index, *hnsw.Graph) {
	t.Helper()
	base := enginetest.Gaussian(graphPoints, graphDimensions, 11)
	x := enginetest.Build(t, Engines()[k], base, engine.Options{M: 12, EfConstruction: 60, Threads: 1, Seed: 7})
	g, err := engine.Unwrap(x).(*Index).Graph()
	if err != nil {
		t.Fatal(err)
	}
	return base, x, g
}

// endsEarly reports whether this FAISS is older than 1.7.4. Its bounded queue loses count of its candidates when an expanded
// one is removed, and a search may end too early (FAISS pull request 2771). The queue holds max(efSearch, k) points, so
// a search that visits fewer than k is not affected.
func endsEarly() bool {
	return slices.Contains([]string{"1.7.0", "1.7.1", "1.7.2", "1.7.3"}, version())
}

// A search of FAISS's graph under Pad gives FAISS's answers with the bounded queue, and under Raise those without it, with
// every point and every empty slot. If FAISS ends a search early, its answer is not nearer at any rank.
func TestWalkOnFAISSGraphGivesFAISSAnswer(t *testing.T) {
	for k, policy := range map[kind]hnsw.Policy{hnswBounded: hnsw.Pad, hnswUnbounded: hnsw.Raise} {
		t.Run(policy.String(), func(t *testing.T) {
			base, x, g := graphOf(t, k)
			queries := enginetest.Gaussian(300, graphDimensions, 12)
			lists, short, early := 0, 0, 0
			for _, ef := range []int{1, 10, 25, 100} {
				s := searcher(t, g, base, hnsw.SearchOptions{EfSearch: ef, Policy: policy})
				if err := x.SetEfSearch(ef); err != nil {
					t.Fatal(err)
				}
				for _, k := range []int{1, 10, 100, 1000} {
					theirs, err := x.AskBatch(t.Context(), queries, k)
					if err != nil {
						t.Fatal(err)
					}
					for q, answer := range theirs {
						ours := search(t, s, queries.Row(q), k)
						if lists++; len(ours) < k {
							short++
						}
						if policy == hnsw.Pad && endsEarly() && len(ours) == k {
							early += worse(t, base, queries.Row(q), ours, filled(answer))
							continue
						}
						sameMembers(t, base, queries.Row(q), ours, filled(answer))
					}
				}
			}
			t.Logf("FAISS %s: %d lists, %d of them short, %d ended early by FAISS, all others equal", version(), lists, short, early)
			if policy == hnsw.Pad && short == 0 || policy == hnsw.Raise && short > 0 {
				t.Errorf("%d of %d lists are short under %v", short, lists, policy)
			}
		})
	}
}

// Truncate on FAISS's graph gives the min(k, efSearch) nearest points of the paper's Algorithm 2.
func TestTruncateOnFAISSGraphIsTheDefinition(t *testing.T) {
	base, _, g := graphOf(t, hnswBounded)
	queries := enginetest.Gaussian(300, graphDimensions, 13)
	for _, ef := range []int{1, 10, 100} {
		s := searcher(t, g, base, hnsw.SearchOptions{EfSearch: ef, Policy: hnsw.Truncate})
		for q := range queries.N {
			kept := algorithm2(g, base, queries.Row(q), ef)
			for _, k := range []int{5, 50, 500} {
				ours := search(t, s, queries.Row(q), k)
				if len(ours) != min(k, ef) {
					t.Fatalf("%d answers to k = %d at efSearch %d", len(ours), k, ef)
				}
				sameMembers(t, base, queries.Row(q), ours, kept[:min(k, ef)])
			}
		}
	}
}

// algorithm2 returns the ef nearest points found by SEARCH-LAYER (Malkov & Yashunin) on level 0, from the entry point to which
// Algorithm 5 descends.
func algorithm2(g *hnsw.Graph, base ann.Vectors, query []float32, ef int) []int32 {
	distance := func(id int32) float32 { return ann.SquaredL2(query, base.Row(int(id))) }
	nearer := func(a, b int32) int { return cmp.Compare(distance(a), distance(b)) }
	entry := g.EntryPoint()
	for level := g.Level(entry); level > 0; level-- {
		for before := int32(-1); before != entry; {
			before = entry
			entry = slices.MinFunc(append([]int32{entry}, g.Links(entry, level)...), nearer)
		}
	}
	visited, candidates, found := map[int32]bool{entry: true}, []int32{entry}, []int32{entry}
	for len(candidates) > 0 {
		c := candidates[0]
		candidates = candidates[1:]
		if distance(c) > distance(found[len(found)-1]) {
			break
		}
		for _, e := range g.Links(c, 0) {
			if visited[e] {
				continue
			}
			visited[e] = true
			if len(found) < ef || distance(e) < distance(found[len(found)-1]) {
				candidates, found = append(candidates, e), append(found, e)
				slices.SortFunc(candidates, nearer)
				slices.SortFunc(found, nearer)
				found = found[:min(ef, len(found))]
			}
		}
	}
	return found
}

func searcher(t *testing.T, g *hnsw.Graph, base ann.Vectors, o hnsw.SearchOptions) *hnsw.Searcher {
	t.Helper()
	s, err := hnsw.NewSearcher(g, base, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func search(t *testing.T, s *hnsw.Searcher, query []float32, k int) ann.Neighbors {
	t.Helper()
	list, err := s.Search(ann.Query{Vector: query}, k)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func filled(a engine.Answer) []int32 {
	return slices.DeleteFunc(slices.Clone(a.IDs), func(id int32) bool { return id == engine.Padding })
}

// sameMembers compares two lists rank by rank. Points whose distances agree to five digits may be exchanged, because their
// sums are computed in another order.
func sameMembers(t *testing.T, base ann.Vectors, query []float32, ours ann.Neighbors, theirs []int32) {
	t.Helper()
	const tie = 1e-5
	if len(ours) != len(theirs) {
		t.Fatalf("%d answers, and %d", len(ours), len(theirs))
	}
	for i, id := range theirs {
		if d := ann.L2(query, base.Row(int(id))); ours[i].ID != id && max(d-ours[i].Distance, ours[i].Distance-d) > tie*d {
			t.Fatalf("rank %d: %v, and %d at %v", i, ours[i], id, d)
		}
	}
}

// worse returns 1 if FAISS's list is farther at some rank, else 0. It fails the test if FAISS's list is nearer at some rank.
func worse(t *testing.T, base ann.Vectors, query []float32, ours ann.Neighbors, theirs []int32) (count int) {
	t.Helper()
	for i, id := range theirs {
		d := ann.L2(query, base.Row(int(id)))
		if d < ours[i].Distance*(1-1e-5) {
			t.Fatalf("rank %d: %v, and FAISS has %d at %v", i, ours[i], id, d)
		}
		if d > ours[i].Distance*(1+1e-5) {
			count = 1
		}
	}
	return count
}

// A build that is stopped returns an error, and FAISS can be used afterwards.
func TestStops(t *testing.T) {
	e := Engines()[hnswBounded]
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := e.Build(ctx, enginetest.Gaussian(30000, 128, 14), engine.Options{EfConstruction: 500}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stopped build: %v", err)
	}
	enginetest.Build(t, e, enginetest.Gaussian(100, 8, 15), engine.Options{})
}

// A FAISS exception becomes an error that names the engine and contains FAISS's message.
func TestExceptionsBecomeErrors(t *testing.T) {
	x := enginetest.Build(t, Engines()[ivf], enginetest.Gaussian(100, 8, 16), engine.Options{})
	engine.Unwrap(x).(*Index).setEffort(0) // without the check of SetEfSearch
	_, err := x.Ask(t.Context(), make([]float32, 8), 3)
	if err == nil || !strings.HasPrefix(err.Error(), "FAISS IVF: ") || !strings.Contains(err.Error(), "nprobe") {
		t.Errorf("nprobe 0: %v", err)
	}
	if _, err := engine.Unwrap(x).(*Index).Graph(); err == nil {
		t.Errorf("the graph of an IVF index: %v", err)
	}
}
