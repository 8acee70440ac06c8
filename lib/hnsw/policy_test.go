package hnsw

import (
	"context"
	"errors"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
)

// What the terms of a policy count is what its answers hold, where the search visits the query.
func TestTermsCountAnswers(t *testing.T) {
	base := clusters(600, 12, 5)
	m, err := exact.AllPairs(context.Background(), base)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := m.NearestIDs(300)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Build(context.Background(), OnMatrix(m), Options{M: 4, EfConstruction: 20})
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWalker(g, OnMatrix(m))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for q := int32(0); q < 40; q++ {
		walk, err := w.Walk(ann.PointID(q), 400)
		if err != nil {
			t.Fatal(err)
		}
		if effort, ok := walk.Effort(q); !ok || effort > 10 {
			continue
		}
		compared++
		for _, p := range Policies {
			for _, k := range []int{1, 8, 9, 10, 11, 50, 300} {
				compareTerms(t, walk, p, k, 10, truth[q])
			}
		}
	}
	if compared < 20 {
		t.Errorf("only %d of 40 searches visit their query", compared)
	}
}

func compareTerms(t *testing.T, walk *Walk, p Policy, k, efSearch int, truth []int32) {
	t.Helper()
	terms := p.Terms(k, efSearch, ann.PointID(0))
	efforts := make([]int32, k)
	walk.Efforts(truth[:k], efforts)
	reached := 0
	for _, effort := range efforts {
		if int(effort) <= terms.EfSearch {
			reached++
		}
	}
	shared, length := terms.Counts(reached, walk.Capacity(terms.EfSearch))
	answer, err := walk.Answer(p, k, efSearch)
	if terms.Rejected != errors.Is(err, ErrRejected) || err != nil && !terms.Rejected {
		t.Fatalf("%v, k %d: rejected is %v, the answer %v", p, k, terms.Rejected, err)
	}
	in := make(map[int32]bool)
	for _, n := range answer {
		in[n.ID] = true
	}
	found := 0
	for _, id := range truth[:k] {
		if in[id] {
			found++
		}
	}
	if shared != found || length != len(answer) {
		t.Errorf("%v, k %d: %d shared of %d by the terms, %d of %d in the answer", p, k, shared, length, found, len(answer))
	}
}
