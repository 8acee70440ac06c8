package sharding

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
)

// clustered returns n points of dimension d around 20 centres.
func clustered(n, d int, seed uint64) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	centres := make([]float64, 20*d)
	for i := range centres {
		centres[i] = rng.NormFloat64()
	}
	for i := range n {
		c := rng.IntN(20)
		for j := range d {
			v.Data[i*d+j] = float32(centres[c*d+j] + .6*rng.NormFloat64())
		}
	}
	return v
}

// truthOf returns the k nearest of every other point, by brute force.
func truthOf(v ann.Vectors, query []float32, self int32, k int) (truth []int32) {
	var all ann.Neighbors
	for i := range v.N {
		if int32(i) != self {
			all = append(all, ann.Neighbor{ID: int32(i), Distance: ann.L2(query, v.Row(i))})
		}
	}
	all.Sort()
	for _, n := range all[:k] {
		truth = append(truth, n.ID)
	}
	return truth
}

// searcher returns a searcher of shards with M = 8 and efConstruction = 40.
func searcher(t *testing.T, v ann.Vectors, shards int, by Deal) *Searcher {
	t.Helper()
	split, err := Split(context.Background(), v, shards, by, 1)
	if err != nil {
		t.Fatal(err)
	}
	x, err := Build(context.Background(), v, ann.Euclidean, split, hnsw.Options{M: 8, EfConstruction: 40, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSearcher(x)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every vector is in one shard. Shards dealt at random have sizes that differ by at most 1 and depend on the seed; the vectors of a
// cell are nearer to their mean than others.
func TestSplit(t *testing.T) {
	v := clustered(503, 6, 1)
	for _, by := range Deals {
		split, err := Split(context.Background(), v, 7, by, 1)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Split(context.Background(), v, 7, by, 1)
		if err != nil || !slices.EqualFunc(split, again, slices.Equal) {
			t.Errorf("%s: not the same again (%v)", by, err)
		}
		all := slices.Concat(split...)
		slices.Sort(all)
		if !slices.Equal(all, ids(503)) || len(split) != 7 {
			t.Errorf("%s: %v", by, split)
		}
		for _, members := range split {
			if by == Random && len(members) != 71 && len(members) != 72 || !slices.IsSorted(members) || len(members) == 0 {
				t.Errorf("%s: %v", by, members)
			}
		}
	}
	a, _ := Split(context.Background(), v, 2, Random, 1)
	b, _ := Split(context.Background(), v, 2, Random, 2)
	if slices.Equal(a[0], b[0]) {
		t.Error("two seeds deal alike")
	}
	for what, err := range map[string]error{"0 shards": fails(v, 0, Random), "504 shards": fails(v, 504, Cell),
		"equal vectors": fails(ann.Vectors{N: 5, D: 1, Data: make([]float32, 5)}, 2, Cell)} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	if _, err := ParseDeal("hash"); err == nil {
		t.Error("hash is a deal")
	}
}

func fails(v ann.Vectors, shards int, by Deal) error {
	_, err := Split(context.Background(), v, shards, by, 1)
	return err
}

// The counts are those of the merged lists, under every policy, with points and with other vectors as queries.
func TestCountsAreThoseOfTheMergedAnswers(t *testing.T) {
	v, other := clustered(900, 8, 2), clustered(1, 8, 3)
	checked := map[hnsw.Policy]int{}
	for _, by := range Deals {
		s := searcher(t, v, 5, by)
		for _, self := range []int32{-1, 17, 555} {
			query := other.Row(0)
			if self >= 0 {
				query = v.Row(int(self))
			}
			truth := truthOf(v, query, self, 120)
			if err := s.Walk(query, self, truth, 130); err != nil {
				t.Fatal(err)
			}
			for _, p := range hnsw.Policies {
				for _, k := range []int{1, 10, 40, 120} {
					for _, ef := range []int{1, 10, 41, 60} {
						check(t, s, p, k, ef, checked)
					}
				}
			}
		}
	}
	for _, p := range hnsw.Policies {
		if checked[p] < 20 {
			t.Errorf("%v: %d comparisons", p, checked[p])
		}
	}
}

func check(t *testing.T, s *Searcher, p hnsw.Policy, k, ef int, checked map[hnsw.Policy]int) {
	t.Helper()
	c := s.Counts(p, k, ef)
	list, err := s.Answer(p, k, ef)
	if c.Rejected != errors.Is(err, hnsw.ErrRejected) || err != nil && !c.Rejected {
		t.Fatalf("%v, k %d, efSearch %d: %+v but %v", p, k, ef, c, err)
	}
	if c.Rejected {
		return
	}
	checked[p]++
	if shared := fidelity.Shared(s.truth, list, k); shared != c.Shared || len(list) != c.Length || !slices.IsSortedFunc(list, ann.Neighbor.Compare) {
		t.Errorf("%v, k %d, efSearch %d: the merged list has %d of %d, the counts are %+v", p, k, ef, shared, len(list), c)
	}
	if c.Distances < c.Length || c.Distances > s.n {
		t.Errorf("%v, k %d, efSearch %d: %d distances", p, k, ef, c.Distances)
	}
}

// One shard is one graph: the counts are those of its walk, and the forecast is exact.
func TestOneShardIsOneGraph(t *testing.T) {
	v := clustered(700, 8, 4)
	s := searcher(t, v, 1, Random)
	w, err := hnsw.NewWalker(s.shards[0].graph, hnsw.OnVectors(v))
	if err != nil {
		t.Fatal(err)
	}
	truth := truthOf(v, v.Row(3), 3, 200)
	if err := s.Walk(v.Row(3), 3, truth, 201); err != nil {
		t.Fatal(err)
	}
	walk, err := w.Walk(ann.PointID(3), 201)
	if err != nil {
		t.Fatal(err)
	}
	f := NewForecast(s, 201)
	home := make([]int32, v.N)
	for _, p := range []hnsw.Policy{hnsw.Pad, hnsw.Raise, hnsw.Truncate} {
		for _, k := range []int{5, 50, 200} {
			list, err := walk.Answer(p, k, 20)
			c := s.Counts(p, k, 20)
			if err != nil || fidelity.Shared(truth, list, k) != c.Shared || len(list) != c.Length {
				t.Errorf("%v, k %d: %+v, the walk gives %d (%v)", p, k, c, len(list), err)
			}
			random, cells := f.Random(p, k, 20, 1, Law(v.N-1, k, 1)), f.Cells(p, k, 20, [][]int32{ids(v.N)}, home, truth, 0)
			if math.Abs(random.Shared-float64(c.Shared)) > 1e-6 || cells.Shared != float64(c.Shared) || math.Abs(cells.Distances-float64(c.Distances)) > 1e-6 {
				t.Errorf("%v, k %d: predicted %+v and %+v, counted %+v", p, k, random, cells, c)
			}
		}
	}
}

// The law is that of drawing without replacement: its sum is 1, its mean k/shards, and its small cases are known.
func TestLaw(t *testing.T) {
	law := Law(4, 2, 2) // two of four vectors are neighbours: the shard of two holds 0, 1, 2 of them in 1, 4, 1 of 6 ways
	for j, want := range []float64{1. / 6, 4. / 6, 1. / 6} {
		if math.Abs(law[j]-want) > 1e-9 {
			t.Errorf("%d: %v, want %v", j, law[j], want)
		}
	}
	for _, shards := range []int{1, 3, 32} {
		sum, mean := 0., 0.
		for j, p := range Law(9999, 500, shards) {
			sum, mean = sum+p, mean+p*float64(j)
		}
		if math.Abs(sum-1) > 1e-9 || math.Abs(mean-500/float64(shards)) > 1e-3*500 {
			t.Errorf("%d shards: sum %v, mean %v", shards, sum, mean)
		}
	}
}
