package hnsw

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/rank"
)

// clusters makes n points in d dimensions around ten centres.
func clusters(n, d int, seed uint64) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 1))
	centres := make([]float32, 10*d)
	for i := range centres {
		centres[i] = float32(4 * rng.NormFloat64())
	}
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range n {
		c := rng.IntN(10)
		for j := range d {
			v.Row(i)[j] = centres[c*d+j] + float32(rng.NormFloat64())
		}
	}
	return v
}

func build(t testing.TB, space Space, o Options) *Graph {
	t.Helper()
	g, err := Build(context.Background(), space, o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestInvariants(t *testing.T) {
	v := clusters(3000, 16, 1)
	for _, selection := range []Selection{SelectWhenFull, SelectAlways} {
		for _, efConstruction := range []int{1, 20, 200} {
			g := build(t, OnVectors(v), Options{M: 8, EfConstruction: efConstruction, Selection: selection, Seed: 7})
			if err := g.check(); err != nil {
				t.Errorf("%v, efConstruction %d: %v", selection, efConstruction, err)
			}
			if n := g.Unreachable(); efConstruction == 200 && n > 10 {
				t.Errorf("%v: %d of 3000 nodes unreachable", selection, n)
			}
		}
	}
}

// Level l or more has probability M^−l.
func TestLevelsAreGeometric(t *testing.T) {
	const n, m = 200000, 16
	levels := drawLevels(rand.New(rand.NewPCG(3, 0)), n, m)
	for l, want := 1, float64(n)/m; want > 100; l, want = l+1, want/m {
		count := 0
		for _, level := range levels {
			if int(level) >= l {
				count++
			}
		}
		if got := float64(count); got < 0.85*want || got > 1.15*want {
			t.Errorf("level %d or more: %d nodes, %.0f expected", l, count, want)
		}
	}
}

// n = 4000, d = 16, k = 10, efSearch = 64, seed 5: recall at least .97, from fewer distances than points.
func TestRecall(t *testing.T) {
	v := clusters(4000, 16, 5)
	g := build(t, OnVectors(v), Options{M: 16, Seed: 5})
	s, err := NewSearcher(g, v, SearchOptions{EfSearch: 64})
	if err != nil {
		t.Fatal(err)
	}
	truth, hits, visited := exact.New(v), 0, 0
	w, err := NewWalker(g, OnVectors(v))
	if err != nil {
		t.Fatal(err)
	}
	for q := int32(0); q < 400; q++ {
		want, err := truth.Search(ann.Point(v, q), 10)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Search(ann.Point(v, q), 10)
		if err != nil {
			t.Fatal(err)
		}
		hits += int(10*overlap(idsOf(want), idsOf(got), 10) + .5)
		walk, err := w.Walk(ann.Point(v, q), 64)
		if err != nil {
			t.Fatal(err)
		}
		visited += walk.Capacity(64)
	}
	if recall := float64(hits) / 4000; recall < .97 {
		t.Errorf("recall@10 = %.4f", recall)
	}
	if mean := visited / 400; mean > 2000 {
		t.Errorf("%d of 4000 points visited per query: the index did not do its work", mean)
	}
}

// boundedSearch is Algorithm 2 as the paper prints it, for one efSearch: the oracle of the walk.
func boundedSearch(g *Graph, from source, ef int) []int32 {
	var m gather
	seen := newStamps(g.Len())
	seen.next()
	start := descend(g, &m, from, 0)
	seen.add(rank.ID(start))
	all, candidates, nearest := []uint64{start}, []uint64{start}, []uint64{start}
	for len(candidates) > 0 {
		slices.Sort(candidates)
		c := candidates[0]
		candidates = candidates[1:]
		if len(nearest) == ef && rank.Less(nearest[ef-1], c) {
			break
		}
		for _, next := range m.unseen(g.Links(rank.ID(c), 0), from, &seen) {
			all = append(all, next)
			candidates = append(candidates, next) // not only when next is among the ef nearest: it is never expanded then
			nearest = append(nearest, next)
			slices.Sort(nearest)
			nearest = nearest[:min(ef, len(nearest))]
		}
	}
	ids := make([]int32, len(all))
	for i, k := range all {
		ids[i] = rank.ID(k)
	}
	slices.Sort(ids)
	return ids
}

// One walk holds every bounded search: visited(e) is what the search with efSearch = e visits, for every e.
func TestOneWalkHoldsEverySearch(t *testing.T) {
	v := clusters(1500, 8, 9)
	g := build(t, OnVectors(v), Options{M: 6, EfConstruction: 40, Seed: 9})
	w, err := NewWalker(g, OnVectors(v))
	if err != nil {
		t.Fatal(err)
	}
	for q := int32(0); q < 40; q++ {
		walk, err := w.Walk(ann.Point(v, q), 120)
		if err != nil {
			t.Fatal(err)
		}
		for ef := 1; ef <= 120; ef += 1 + ef/10 {
			want := boundedSearch(g, OnVectors(v).from(q), ef)
			var got []int32
			for id := range int32(v.N) {
				if effort, ok := walk.Effort(id); ok && effort <= ef {
					got = append(got, id)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("query %d, efSearch %d: the walk visits %d nodes, the search %d", q, ef, len(got), len(want))
			}
			others := slices.DeleteFunc(want, func(id int32) bool { return id == q })
			if walk.Capacity(ef) != len(others) {
				t.Fatalf("query %d, efSearch %d: capacity %d, %d nodes visited", q, ef, walk.Capacity(ef), len(others))
			}
		}
	}
}

// Four policies, one walk, in words.
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
	for _, p := range Policies { // k + 1 ≤ efSearch: they all agree
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

func bytesOf(t testing.TB, g *Graph) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "g")
	if err := g.Save(path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSameSeedSameBytes(t *testing.T) {
	v := clusters(1200, matrixDimensions, 4)
	m, err := exact.AllPairs(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	for _, space := range []Space{OnMatrix(m), OnVectors(v), OnVectors(clusters(1200, 12, 4))} {
		first := bytesOf(t, build(t, space, Options{Seed: 4}))
		old := runtime.GOMAXPROCS(1)
		second := bytesOf(t, build(t, space, Options{Seed: 4}))
		runtime.GOMAXPROCS(old)
		if !bytes.Equal(first, second) {
			t.Error("the same seed gave two graphs")
		}
		if bytes.Equal(first, bytesOf(t, build(t, space, Options{Seed: 5}))) {
			t.Error("two seeds gave one graph")
		}
	}
}

func TestGraphFiles(t *testing.T) {
	v := clusters(300, 6, 4)
	g := build(t, OnVectors(v), Options{M: 5, EfConstruction: 30, Selection: SelectAlways, Seed: 11})
	data := bytesOf(t, g)
	path := filepath.Join(t.TempDir(), "damaged.hnsw")
	load := func(data []byte) (*Graph, error) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return Load(path)
	}
	back, err := load(data)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytesOf(t, back), data) || back.Options() != g.Options() {
		t.Error("a graph changed on its way through a file")
	}
	flip := func(at int) []byte { d := bytes.Clone(data); d[at] ^= 0x40; return d }
	resign := func(d []byte) []byte {
		sum := sha256.Sum256(d[:len(d)-sha256.Size])
		return append(d[:len(d)-sha256.Size:len(d)-sha256.Size], sum[:]...)
	}
	outOfRange := bytes.Clone(data)
	copy(outOfRange[len(data)-sha256.Size-300*2*5*4:], []byte{0xff, 0xff, 0, 0})
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"empty":          {nil, "not a graph file"},
		"foreign":        {bytes.Repeat([]byte("x"), 1000), "not a graph file"},
		"truncated":      {data[:len(data)-100], "checksum"},
		"bit flipped":    {flip(len(data) / 2), "checksum"},
		"newer version":  {flip(9), "version"},
		"links to space": {resign(outOfRange), "link to 65535 of 300"},
	} {
		if _, err := load(c.data); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; an error naming the file and %q is expected", name, err, c.says)
		}
	}
}

func TestBadInput(t *testing.T) {
	v := clusters(50, 4, 1)
	for _, o := range []Options{{M: 1}, {M: 1000}, {EfConstruction: -1}, {Selection: 9}} {
		if _, err := Build(context.Background(), OnVectors(v), o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
	if _, err := Build(context.Background(), OnVectors(ann.Vectors{D: 4}), Options{}); err == nil {
		t.Error("an empty set was accepted")
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Build(stopped, OnVectors(v), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	g := build(t, OnVectors(v), Options{})
	if _, err := NewWalker(g, OnVectors(clusters(51, 4, 1))); err == nil {
		t.Error("a graph and a space of two sizes were accepted")
	}
	s, err := NewSearcher(g, v, SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []int{0, 50} {
		if _, err := s.Search(ann.Point(v, 3), k); err == nil {
			t.Errorf("k = %d of 50 was accepted", k)
		}
	}
	if got, err := s.Search(ann.Point(v, 3), 49); err != nil || len(got) != 49 {
		t.Errorf("k = 49 of 50: %d answers, %v", len(got), err)
	}
}

// A thousand copies of one vector: searches end, and answers are right in distance.
func TestDuplicates(t *testing.T) {
	v := clusters(1500, 6, 3)
	for i := range 1000 {
		copy(v.Row(i), v.Row(0))
	}
	g := build(t, OnVectors(v), Options{Seed: 3})
	s, err := NewSearcher(g, v, SearchOptions{EfSearch: 100})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Search(ann.Point(v, 5), 20)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 20 {
		t.Fatalf("%d neighbours of a point with 999 duplicates, 20 are expected", len(list))
	}
	for _, n := range list {
		if n.Distance != 0 {
			t.Fatalf("a duplicate's neighbours: %+v", list)
		}
	}
}

func BenchmarkWalk(b *testing.B) {
	v := clusters(5000, 32, 1)
	m, err := exact.AllPairs(context.Background(), v)
	if err != nil {
		b.Fatal(err)
	}
	w, err := NewWalker(build(b, OnMatrix(m), Options{}), OnMatrix(m))
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := w.Walk(ann.PointID(int32(i%5000)), 100); err != nil {
			b.Fatal(err)
		}
	}
}
