package sharding

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// Forecast predicts the merged answers of shards to one query from its walk over one graph on all vectors, before any shard is
// built. It assumes that a shard with j of the k exact neighbours reaches as many of them at an efSearch as the one graph reaches
// of its j nearest, and that a search follows as many links in a shard as in the one graph, to nodes of the shard drawn at random.
//
// The numbers j are known from the exact neighbours if the cell of each vector is known. If vectors are dealt at random, they have
// the hypergeometric distribution.
//
// Sources of error: a smaller graph is no sample of the large one, its links are as many and reach others; a cell is no random sample
// of the base, and the walk of a query that lies outside of it enters it from one side.
type Forecast struct {
	n       int
	indexed bool
	efforts []int32 // of the exact neighbours in the one graph
	visited []int32 // by efSearch, 1 … len−1
	reached []int32 // scratch: by j, of the j nearest
	at      int     // efSearch of reached
}

// NewForecast returns the forecast from the last walk of s, which must have one shard and the given maxEffort.
func NewForecast(s *Searcher, maxEffort int) *Forecast {
	f := &Forecast{n: s.n, indexed: s.own >= 0, efforts: append([]int32(nil), s.efforts...), visited: make([]int32, maxEffort+1)}
	for ef := 1; ef <= maxEffort; ef++ {
		f.visited[ef] = int32(s.walks[0].Visited(ef))
	}
	return f
}

// reach returns for each j the number of the j nearest neighbours that the one graph reaches at an efSearch.
func (f *Forecast) reach(ef int) []int32 {
	if f.at == ef {
		return f.reached
	}
	f.at, f.reached = ef, append(f.reached[:0], 0)
	for j, effort := range f.efforts {
		more := f.reached[j]
		if int(effort) <= ef {
			more++
		}
		f.reached = append(f.reached, more)
	}
	return f.reached
}

// nodes returns the expected number of nodes that a search visits in a shard of a size. Of n nodes, m draws with replacement visit
// n·(1 − e^(−m/n)); m is that of the one graph.
func (f *Forecast) nodes(ef int, size float64) float64 {
	n := float64(f.n)
	m := -n * math.Log(1-float64(f.visited[ef])/n) // infinite if the walk visits all
	return size * (1 - math.Exp(-m/size))
}

// Prediction is the expected number of exact neighbours in a merged answer, and of distances computed on level 0.
type Prediction struct{ Shared, Distances float64 }

// Random predicts the answer of shards of equal size to which the vectors are dealt at random. law must be Law of the same k and
// number of shards.
func (f *Forecast) Random(p hnsw.Policy, k, efSearch, shards int, law []float64) (out Prediction) {
	for i := range min(shards, 2) { // the shard of the query, and the others
		t, weight := terms(p, k, efSearch, f.indexed, f.indexed && i == 0), 1.
		if i == 1 {
			weight = float64(shards - 1)
		}
		if t.Rejected {
			return Prediction{}
		}
		reached := f.reach(t.EfSearch)
		for j, probability := range law {
			out.Shared += weight * probability * float64(min(t.Most, int(reached[j])))
		}
		out.Distances += weight * f.nodes(t.EfSearch, float64(f.n)/float64(shards))
	}
	return out
}

// Cells predicts the answer of the shards of split, to which home assigns every vector. truth holds the exact neighbours of the
// query; own is its shard, or −1.
func (f *Forecast) Cells(p hnsw.Policy, k, efSearch int, split [][]int32, home, truth []int32, own int) (out Prediction) {
	of := make([]int, len(split))
	for _, id := range truth[:k] {
		of[home[id]]++
	}
	for s, members := range split {
		t := terms(p, k, efSearch, f.indexed, s == own)
		if t.Rejected {
			return Prediction{}
		}
		out.Shared += float64(min(t.Most, int(f.reach(t.EfSearch)[of[s]])))
		out.Distances += f.nodes(t.EfSearch, float64(len(members)))
	}
	return out
}

// Law returns the probabilities that a shard holds j = 0 … k of k given vectors, if n vectors are dealt at random to shards of equal
// size: the hypergeometric distribution.
func Law(n, k, shards int) []float64 {
	size := float64(n) / float64(shards)
	law, sum := make([]float64, k+1), 0.
	for j := range law {
		if float64(j) > size || float64(k-j) > float64(n)-size {
			continue
		}
		law[j] = math.Exp(choose(float64(k), float64(j)) + choose(float64(n-k), size-float64(j)) - choose(float64(n), size))
		sum += law[j]
	}
	floats.Scale(1/sum, law) // 1 unless the size is no integer
	return law
}

// choose returns the logarithm of the binomial coefficient, continued by the gamma function.
func choose(n, k float64) float64 {
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return a - b - c
}

// homes returns the shard of every vector.
func homes(base ann.Vectors, split [][]int32) []int32 {
	home := make([]int32, base.N)
	for s, members := range split {
		for _, id := range members {
			home[id] = int32(s)
		}
	}
	return home
}
