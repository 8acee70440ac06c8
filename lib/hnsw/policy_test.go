package hnsw

import (
	"context"
	"errors"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
)

// Terms.Counts gives the numbers of the policy's answers if the search visits the query.
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

// The answers of the four policies from one walk.
func TestPolicies(t *testing.T) {
	v := clusters(2000, 8, 2)
	g := build(t, OnVectors(v), Options{M: 4, EfConstruction: 40, Seed: 2})
	w, err := NewWalker(g, OnVectors(v))
	if err != nil {
		t.Fatal(err)
	}
	query := ann.Point(v, 17)
	walk, err := w.Walk(query, 301)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(p Policy, k, ef int) ann.Neighbors {
		list, err := walk.Answer(p, k, ef)
		if err != nil {
			t.Fatalf("%v, k %d, efSearch %d: %v", p, k, ef, err)
		}
		for i, n := range list {
			if n.ID == 17 {
				t.Fatalf("%v: the query is in its own answer", p)
			}
			if i > 0 && list[i-1].Compare(n) >= 0 {
				t.Fatalf("%v: not ascending at %d", p, i)
			}
		}
		return list
	}
	for _, p := range Policies { // k + 1 ≤ efSearch: all policies agree
		if got := answer(p, 19, 20); !slices.Equal(got, answer(Pad, 19, 20)) || len(got) != 19 {
			t.Errorf("%v differs where k does not exceed efSearch", p)
		}
	}
	if got, want := len(answer(Pad, 300, 10)), min(300, walk.Capacity(10)); got != want || got == 300 {
		t.Errorf("Pad: %d answers, %d visited", got, want)
	}
	if got := answer(Raise, 300, 10); len(got) != 300 || !slices.Equal(got, answer(Pad, 300, 301)) {
		t.Errorf("Raise: %d answers; those of efSearch = k + 1 are expected", len(got))
	}
	if got := answer(Truncate, 300, 10); !slices.Equal(got, answer(Pad, 9, 10)) {
		t.Errorf("Truncate: %d answers; the 9 others among the 10 nearest are expected", len(got))
	}
	if _, err := walk.Answer(Reject, 300, 10); !errors.Is(err, ErrRejected) {
		t.Errorf("Reject: %v", err)
	}
	for _, p := range Policies {
		if got, want := p.Terms(300, 10, query).EfSearch, map[Policy]int{Pad: 10, Raise: 301, Truncate: 10, Reject: 10}[p]; got != want {
			t.Errorf("%v searches with %d, want %d", p, got, want)
		}
	}
}
