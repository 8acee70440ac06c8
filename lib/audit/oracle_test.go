package audit

import (
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/indexfile"
	"anncapacity/lib/report"
)

// clusters returns n vectors of d whole numbers, in clusters. Their distances need no rounding, and some are equal.
func clusters(n, d int, seed uint64) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 0))
	v := ann.Vectors{N: n, D: d}
	for i := range n {
		centre := rand.New(rand.NewPCG(uint64(i%7), 1))
		for range d {
			v.Data = append(v.Data, float32(40*centre.IntN(3)+rng.IntN(30)))
		}
	}
	return v
}

// indexOf returns an index of v as a file holds it. Every node whose number is a multiple of deleted is marked, unless it is 0.
func indexOf(t *testing.T, v ann.Vectors, format indexfile.Format, metric ann.Metric, deleted int) *indexfile.Index {
	t.Helper()
	space, err := hnsw.OnMetric(v, metric)
	if err != nil {
		t.Fatal(err)
	}
	g, err := hnsw.Build(t.Context(), space, hnsw.Options{M: 4, EfConstruction: 20, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	x := &indexfile.Index{Format: format, Class: "IndexHNSWFlat", Metric: metric, Vectors: v, Graph: g, M: 4, Ground: 8,
		EfSearch: 12}
	if deleted > 0 {
		x.Deleted = make([]bool, v.N)
		for i := 0; i < v.N; i += deleted {
			x.Deleted[i] = true
		}
	}
	return x
}

func run(t *testing.T, o Options) *report.Report {
	t.Helper()
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// oracle computes, by brute force and one search for each setting, what a query gets.
type oracle struct {
	o      Options
	base   ann.Vectors
	walker *hnsw.Walker
	truths map[int]ann.Neighbors // by query
}

func newOracle(t *testing.T, o Options) oracle {
	t.Helper()
	space, err := o.Index.Space()
	if err != nil {
		t.Fatal(err)
	}
	w, err := hnsw.NewBoundedWalker(o.Index.Graph, space)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Exclude(o.Index.Deleted); err != nil {
		t.Fatal(err)
	}
	base := o.Base
	if base.N == 0 {
		base = o.Index.Vectors
	}
	return oracle{o, base, w, map[int]ann.Neighbors{}}
}

// truth returns the vectors in use other than self, nearest first, ties by ID.
func (c oracle) truth(q int, query []float32, self int32) ann.Neighbors {
	list := c.truths[q]
	if list != nil {
		return list
	}
	for i := range int32(c.base.N) {
		if i != self && !c.o.Index.IsDeleted(i) {
			list = append(list, ann.Neighbor{ID: i, Distance: c.o.Index.Metric.Distance(query, c.base.Row(int(i)))})
		}
	}
	list.Sort()
	c.truths[q] = list
	return list
}

// observe searches for query q. A point asks for one neighbour more.
func (c oracle) observe(t *testing.T, q int, query []float32, self int32, k, ef int) report.Observation {
	t.Helper()
	policy, asks := c.o.Index.Policy(), k
	if self >= 0 {
		asks++
	}
	asked := ann.Query{Vector: query}
	walk, err := c.walker.Walk(asked, policy.Terms(asks, ef, asked).EfSearch)
	if err != nil {
		t.Fatal(err)
	}
	list, err := walk.Answer(policy, asks, ef)
	if err != nil {
		t.Fatal(err)
	}
	list = slices.DeleteFunc(list, func(n ann.Neighbor) bool { return n.ID == self })
	list = list[:min(k, len(list))]
	truth := c.truth(q, query, self)[:k]
	o := report.Observation{Length: len(list), Possible: k}
	for _, n := range list {
		same := slices.ContainsFunc(truth, func(m ann.Neighbor) bool { return m.ID == n.ID })
		if same {
			o.Same++
		}
		if same || c.o.Index.Metric.Distance(query, c.base.Row(int(n.ID))) <= truth[k-1].Distance {
			o.ByDistance++
		}
	}
	return o
}

// kinds are audits of each kind. Their queries are all vectors of a set, and their index returns fewer than k answers at some
// settings.
func kinds(t *testing.T) map[string]Options {
	v, queries := clusters(400, 6, 1), clusters(60, 6, 2)
	other := ann.Vectors{N: v.N, D: v.D, Data: slices.Clone(v.Data)}
	for i := range 30 {
		other.Data[i*11*v.D] += 25
	}
	all := map[string]Options{
		"FAISS":                     {Index: indexOf(t, v, indexfile.FAISS, ann.Euclidean, 0), Queries: queries},
		"hnswlib":                   {Index: indexOf(t, v, indexfile.HNSWLib, ann.Euclidean, 0), Queries: queries},
		"deleted":                   {Index: indexOf(t, v, indexfile.HNSWLib, ann.Euclidean, 4), Queries: queries},
		"inner product":             {Index: indexOf(t, v, indexfile.FAISS, ann.InnerProduct, 0), Queries: queries},
		"points":                    {Index: indexOf(t, v, indexfile.FAISS, ann.Euclidean, 0), Sample: 50},
		"points of usearch":         {Index: indexOf(t, v, indexfile.USearch, ann.Euclidean, 5), Sample: 50},
		"base that differs":         {Index: indexOf(t, v, indexfile.FAISS, ann.Euclidean, 0), Queries: queries, Base: other},
		"points, base that differs": {Index: indexOf(t, v, indexfile.HNSWLib, ann.Euclidean, 0), Sample: 50, Base: other},
	}
	for name, o := range all {
		o.Name, o.K, o.EfSearch, o.Recall, o.Seed = name, []int{1, 7, 40}, []int{1, 3, 10, 60, 300}, .9, 5
		all[name] = o
	}
	return all
}
