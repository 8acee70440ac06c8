package exact

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
)

// claims returns the neighbours of some points and of some other queries by definition, in double precision.
func claims(base ann.Vectors, metric ann.Metric, k int) (all []Claim) {
	others := random(5, base.D, 9)
	for i := range 10 {
		q, self := ann.Point(base, int32(3*i)), 3*i
		if i >= 5 {
			q, self = ann.Query{Vector: others.Row(i - 5)}, -1
		}
		all = append(all, Claim{q, ids(byDefinition(base, q.Vector, self, k, metric))})
	}
	return all
}

// Right claims are accepted, also with equal vectors in another order; the first wrong neighbour is named.
func TestVerify(t *testing.T) {
	const k = 7
	base := random(300, 24, 1)
	for i := 1; i < base.N; i += 2 { // each vector has one copy
		copy(base.Row(i), base.Row(i-1))
	}
	for _, metric := range ann.Metrics {
		index, err := NewMetric(base, metric)
		if err != nil {
			t.Fatal(err)
		}
		all := claims(base, metric, k)
		if err := index.Verify(t.Context(), all); err != nil {
			t.Errorf("%v: %v", metric, err)
		}
		for _, c := range all[5:] { // a copy has the number of its original, with the last bit changed
			for i := range c.IDs {
				c.IDs[i] ^= 1
			}
		}
		if err := index.Verify(t.Context(), all); err != nil {
			t.Errorf("%v, copies: %v", metric, err)
		}
		for _, c := range []struct{ claim, rank int }{{2, 6}, {8, 0}, {9, 4}} {
			wrong := slices.Clone(all)
			list := byDefinition(base, all[c.claim].Query.Vector, -1, base.N, metric)
			wrong[c.claim].IDs = slices.Clone(all[c.claim].IDs)
			wrong[c.claim].IDs[c.rank] = list[2*k+3].ID
			err, of := index.Verify(t.Context(), wrong), (*WrongError)(nil)
			if !errors.As(err, &of) || of.Claim != c.claim || of.Rank != c.rank || of.Got.ID != list[2*k+3].ID || of.Got.Distance <= of.Want.Distance {
				t.Errorf("%v, claim %d, rank %d: %v", metric, c.claim, c.rank, err)
			}
		}
	}
}

// Neighbours that float32 orders otherwise than double precision are right; those that are 10⁻³ farther are not.
func TestVerifyTolerance(t *testing.T) {
	base := ann.Vectors{N: 4, D: 2, Data: []float32{1, 0, 1.00001, 0, 1.001, 0, 9, 9}}
	query := ann.Query{Vector: []float32{0, 0}}
	index := New(base)
	for id, right := range map[int32]bool{0: true, 1: true, 2: false, 3: false} {
		err := index.Verify(t.Context(), []Claim{{query, []int32{id}}})
		if (err == nil) != right {
			t.Errorf("point %d: %v", id, err)
		}
	}
	err := index.Verify(t.Context(), []Claim{{query, []int32{3}}})
	if want := "neighbour 0 is point 3 at distance 12.72"; err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), "the exact one is point 0 at distance 1") {
		t.Errorf("%v; want %q", err, want)
	}
}

// Under the cosine, vectors of one direction are equal, whatever their lengths, and differences that 1 − cos loses are none.
func TestVerifyCosine(t *testing.T) {
	base := ann.Vectors{N: 5, D: 2, Data: []float32{1, 1.1, 3, 3.3, 7, 7.7, 1, 1.1003, 1, 1.2}}
	index, err := NewMetric(base, ann.Cosine)
	if err != nil {
		t.Fatal(err)
	}
	for last, right := range map[int32]bool{0: true, 3: true, 4: false} {
		err := index.Verify(t.Context(), []Claim{{ann.Query{Vector: []float32{1, 1.1}}, []int32{2, 1, last}}})
		if (err == nil) != right {
			t.Errorf("point %d: %v", last, err)
		}
	}
}

func TestVerifyErrors(t *testing.T) {
	base := random(5, 3, 1)
	outside := ann.Query{Vector: make([]float32, 3)}
	for says, all := range map[string][]Claim{
		"claim 1 has 1 neighbours, claim 0 has 2": {{outside, []int32{0, 1}}, {outside, []int32{0}}},
		"claim 0: k = 5":                  {{ann.Point(base, 1), []int32{0, 1, 2, 3, 4}}},
		"claim 0: query has 2 dimensions": {{ann.Query{Vector: make([]float32, 2)}, []int32{0}}},
	} {
		if err := New(base).Verify(t.Context(), all); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
	}
	if err := New(base).Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
