package sketch

import (
	"bytes"
	"context"
	"math"
	"runtime"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/layout"
)

// paged returns vectors, and a layout of pages of them, the last one not full.
func paged(t testing.TB, n, d, perPage int) (ann.Coordinates, layout.Layout) {
	t.Helper()
	base := clustered(n, d, 2).Coordinates()
	l, err := layout.Pages(context.Background(), base, layout.PagesOptions{PerPage: perPage, Rounds: 2})
	if err != nil {
		t.Fatal(err)
	}
	return base, l
}

func sketched(t testing.TB, base ann.Coordinates, l layout.Layout, bytes float64) *Sketch {
	t.Helper()
	s, err := New(context.Background(), base, l, Options{BytesPerVector: bytes, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// meanError returns the mean squared distance between a vector and what its code stands for.
// unitDistances starts a query and returns its squared distances to the means of all units.
func unitDistances(s *Sketch, query []float32, scratch *Scratch) []float32 {
	s.Start(query, scratch)
	squared := make([]float32, s.Units())
	for _, key := range s.NextUnits(nil, s.Units(), scratch) {
		squared[rank.ID(key)] = rank.Value(key)
	}
	return squared
}

func meanError(base ann.Coordinates, l layout.Layout, s *Sketch) float64 {
	var scratch Scratch
	total := 0.
	for u := range l.Units() {
		for i, id := range l.Unit(u) {
			s.Start(base.Row(int(id), nil), &scratch)
			squared, _ := s.MemberDistances(u, nil, &scratch)
			total += float64(squared[i])
		}
	}
	return total / float64(base.N)
}

func TestMoreBytesAreNearer(t *testing.T) {
	base, l := paged(t, 3000, 32, 31)
	last := math.Inf(1)
	for _, b := range []float64{3, 4, 8, 16, 24} {
		s := sketched(t, base, l, b)
		if used := float64(s.MemoryBytes()); used > b*3000 || used < (b-1.5)*3000 {
			t.Errorf("%.1f bytes a vector instead of %v: %v", used/3000, b, s)
		}
		e := meanError(base, l, s)
		if e > 0.97*last {
			t.Errorf("mean squared error %.0f with %v bytes, %.0f with fewer", e, b, last)
		}
		last = e
	}
}

// TestDistancesAreThoseOfTheDecodedVectors decodes every code and compares the distances with those by definition. Those to vectors
// are computed from bytes, which here do not hold all numbers of the query.
func TestDistancesAreThoseOfTheDecodedVectors(t *testing.T) {
	base, l := paged(t, 1000, 19, 30)
	s := sketched(t, base, l, 14)
	b := builder{Sketch: s, base: base, layout: l}
	var scratch Scratch
	query := clustered(1, 19, 5).Row(0)
	means := unitDistances(s, query, &scratch)
	e := s.members.NewEncoder()
	n := s.units.Subspaces()
	rest, codes, mean := make([]float32, 19), make([]uint8, s.members.Subspaces()), make([]float32, 19)
	near := func(a, b float32, tolerance float64) bool { return math.Abs(float64(a-b)) <= tolerance*float64(b) }
	for u := range l.Units() {
		copy(mean, s.mean)
		s.units.Decode(s.codes[u*n:(u+1)*n], mean)
		if want := ann.SquaredL2(query, mean); !near(means[u], want, 1e-4) {
			t.Fatalf("unit %d: squared distance %v, want %v", u, means[u], want)
		}
		squared, least := s.MemberDistances(u, nil, &scratch)
		if len(squared) != l.Size(u) || least != slices.Min(squared) {
			t.Fatalf("unit %d: %d distances of %d vectors, the least %v", u, len(squared), l.Size(u), least)
		}
		for i, id := range l.Unit(u) {
			b.rest(u, id, rest)
			e.Encode(rest, codes)
			copy(rest, mean)
			s.members.Decode(codes, rest)
			if want := ann.SquaredL2(query, rest); !near(squared[i], want, 0.03) {
				t.Fatalf("vector %d: squared distance %v, want %v", id, squared[i], want)
			}
		}
	}
}

// NextUnits returns every unit once, group after group, the groups whose decoded means are nearest first.
func TestNextUnits(t *testing.T) {
	base, l := paged(t, 3000, 32, 31)
	s := sketched(t, base, l, 8)
	var scratch Scratch
	squared := unitDistances(s, base.Row(7, nil), &scratch)
	s.Start(base.Row(7, nil), &scratch)
	var keys []uint64
	for last := -1; len(keys) > last; {
		last = len(keys)
		keys = s.NextUnits(keys, 1, &scratch)
		if n := len(keys) - last; n > groupUnits {
			t.Errorf("%d units at once", n)
		}
	}
	if len(keys) != s.Units() {
		t.Fatalf("%d of %d units", len(keys), s.Units())
	}
	first := 0.
	for i, key := range keys {
		if rank.Value(key) != squared[rank.ID(key)] {
			t.Fatalf("unit %d: %v and %v", rank.ID(key), rank.Value(key), squared[rank.ID(key)])
		}
		if i < groupUnits {
			first += float64(rank.Value(key)) / groupUnits
		}
	}
	mean := 0.
	for _, x := range squared {
		mean += float64(x) / float64(len(squared))
	}
	if first > 0.95*mean {
		t.Errorf("the first group has the mean squared distance %v, all units %v", first, mean)
	}
}

func TestUnitsOfSingleVectors(t *testing.T) {
	base, l := paged(t, 600, 32, 1)
	s := sketched(t, base, l, 20)
	if s.members != nil {
		t.Error("vectors have codes of their own in units of one")
	}
	if used := float64(s.MemoryBytes()) / 600; used > 20 {
		t.Errorf("%.1f bytes a vector instead of 20", used)
	}
	if e := meanError(base, l, s); e > 32*400 {
		t.Errorf("mean squared error %.0f: above that of the means of the clusters, 12,800", e)
	}
}

func TestBinaryFormDoesNotDependOnTheCores(t *testing.T) {
	base, l := paged(t, 2000, 24, 20)
	var all [][]byte
	for _, cores := range []int{1, 2} {
		old := runtime.GOMAXPROCS(cores)
		data, err := sketched(t, base, l, 8).MarshalBinary()
		runtime.GOMAXPROCS(old)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	if !bytes.Equal(all[0], all[1]) {
		t.Error("1 and 2 cores give different codes")
	}
	s, err := Read(all[0])
	if err != nil {
		t.Fatal(err)
	}
	again, _ := s.MarshalBinary()
	if !bytes.Equal(again, all[0]) {
		t.Error("the sketch that was read has another binary form")
	}
	for cut := 0; cut < len(all[0]); cut += 1 + len(all[0])/500 {
		if _, err := Read(all[0][:cut]); err == nil {
			t.Fatalf("no error for the first %d of %d bytes", cut, len(all[0]))
		}
	}
	if _, err := Read(append(again, 0)); err == nil {
		t.Error("no error for a byte too many")
	}
}

// TestDamagedSketchesDoNotPanic reads and uses sketches with one changed byte.
func TestDamagedSketchesDoNotPanic(t *testing.T) {
	base, l := paged(t, 300, 8, 20)
	data, err := sketched(t, base, l, 12).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var scratch Scratch
	for i := range data {
		damaged := bytes.Clone(data)
		damaged[i] ^= 0x81
		s, err := Read(damaged)
		if err != nil || s.Dimension() != 8 || s.Units() != l.Units() {
			continue
		}
		s.Start(base.Row(0, nil), &scratch)
		for u := range s.Units() {
			s.MemberDistances(u, nil, &scratch)
		}
	}
}

func TestBadInput(t *testing.T) {
	base, l := paged(t, 100, 8, 10)
	try := func(base ann.Coordinates, l layout.Layout, b float64) error {
		_, err := New(context.Background(), base, l, Options{BytesPerVector: b})
		return err
	}
	testkit.WantMentions(t, "too few bytes", try(base, l, 0.1), "0.1 bytes", "100 vectors")
	testkit.WantMentions(t, "no bytes", try(base, l, 0), "0 bytes")
	testkit.WantMentions(t, "NaN bytes", try(base, l, math.NaN()), "NaN bytes")
	testkit.WantMentions(t, "an empty unit", try(base, layout.New([][]int32{l.IDs, nil}), 8), "unit 1 is empty")
	base.Floats[17] = float32(math.Inf(1))
	testkit.WantMentions(t, "an infinite coordinate", try(base, l, 8), "vector 2", "+Inf")
}
