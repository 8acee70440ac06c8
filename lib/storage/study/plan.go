package study

import "fmt"

// Plan holds the sizes of a study.
type Plan struct {
	Table    string    // name of the table that is written
	Seeds    []uint64  // of k-means, layouts and networks
	Queries  int       // maximum number of test queries of each set
	Learn    int       // maximum number of learn queries that a way other than a network trains on
	Sketches []float64 // memory of the sketches, bytes for each base vector
	Bases    []Base
	Networks []Network
}

// Base is a number of base vectors, the first of the base, with the ways that are evaluated on it.
type Base struct {
	N        int
	Seeds    int       // number of seeds of the plan
	Budgets  []float64 // memory of the centroids of k-means and of SPANN's closure, bytes for each base vector
	Balanced []float64 // the same for balanced k-means
}

// Network is a series of networks on a base: one for each number of learn queries and seed.
type Network struct {
	Base   int // number of base vectors
	Units  int // number of clusters
	Seeds  int // number of seeds of the plan
	Learns []Learn
}

// Learn is a number of learn queries and the training on them.
type Learn struct {
	N      int
	Rounds int  // number of rounds; after each but the last pairs are duplicated
	Epochs int  // of each round
	Batch  int  // queries of a step; zero means that of package router
	Best   bool // trains also a wide network with soft labels and a linear layer from the centroids, without duplication
}

// quickPlan returns a plan for a few thousand vectors that takes seconds.
func quickPlan(base, learn int) Plan {
	return Plan{
		Table: RowsFile, Seeds: []uint64{1, 2, 3}, Queries: 1000, Learn: learn, Sketches: []float64{8, 16},
		Bases:    []Base{{N: base, Seeds: 3, Budgets: []float64{2, 4, 8}, Balanced: []float64{4}}},
		Networks: []Network{{Base: base, Units: max(2, base/200), Seeds: 1, Learns: []Learn{{N: learn, Rounds: 3, Epochs: 3, Best: true}}}},
	}
}

// paperPlan returns the plan of the committed study of ways without a network. The centroids of k-means are computed for three
// seeds on 100,000 base vectors, because the time grows with the square of their number, and for one seed on all.
func paperPlan(base, learn int) Plan {
	p := Plan{
		Table: RowsFile, Seeds: []uint64{1, 2, 3}, Queries: 10_000, Learn: min(200_000, learn), Sketches: []float64{4, 8, 16, 32},
		Bases: []Base{{N: min(networkBase, base), Seeds: 3, Budgets: []float64{1, 2, 4, 8, 16}, Balanced: []float64{4}}},
	}
	if base > networkBase {
		p.Bases = append(p.Bases, Base{N: base, Seeds: 1, Budgets: []float64{2, 4, 8, 16}})
	}
	return p
}

// networkBase is the smaller number of base vectors of the committed study. On it networks are compared with k-means of the same
// memory.
const networkBase = 100_000

// networksPlan returns the plan of the committed study of networks: 10⁴ … 10⁷ learn queries, or as many as there are, on 10⁵ and on
// 10⁶ base vectors.
func networksPlan(base, learn int) Plan {
	p := Plan{Table: NetworksFile, Seeds: []uint64{1, 2, 3}, Queries: 5000}
	small := Network{Base: min(networkBase, base), Units: 256, Seeds: 3, Learns: learns(learn)}
	for i := range small.Learns {
		small.Learns[i].Best = small.Learns[i].N <= 1_000_000
	}
	p.Networks = []Network{small}
	if base > small.Base {
		p.Networks = append(p.Networks, Network{Base: base, Units: 1024, Seeds: 1, Learns: learns(learn)})
	}
	return p
}

// embeddingsPlan returns the plan of the committed study of embeddings: ways and networks on some thousand vectors of several kilobytes. The
// memory of centroids is 1/512 to 1/8 of a vector of 8 KiB.
func embeddingsPlan(base, learn int) Plan {
	return Plan{
		Table: RowsFile, Seeds: []uint64{1, 2, 3}, Queries: 1000, Learn: learn, Sketches: []float64{16, 64},
		Bases:    []Base{{N: base, Seeds: 3, Budgets: []float64{16, 64, 256, 1024}}},
		Networks: []Network{{Base: base, Units: max(2, base/128), Seeds: 3, Learns: []Learn{{N: learn, Rounds: 3, Epochs: 50, Best: true}}}},
	}
}

// learns returns 10⁴, 10⁵, 10⁶ … learn queries up to n. Networks with up to 10⁵ queries are trained for 50 epochs in each of three
// rounds, as in the paper, and those with 10⁶ for 5. Those with more are trained for 6 epochs in one round, without duplication.
func learns(n int) (all []Learn) {
	for size := 10_000; size <= n; size *= 10 {
		l := Learn{N: size, Rounds: 3, Epochs: 50}
		switch {
		case size > 1_000_000:
			l.Rounds, l.Epochs, l.Batch = 1, 6, 8192
		case size > 100_000:
			l.Epochs = 5
		}
		all = append(all, l)
	}
	return all
}

// Profiles names the plans of PlanOf.
const Profiles = "quick, paper, networks or embeddings"

// PlanOf returns the plan of a profile: quick takes seconds on a few thousand vectors, paper is the committed study of ways without
// a network, networks that of networks, and embeddings that of all ways on some thousand long vectors. base and learn are the numbers of vectors.
func PlanOf(profile string, base, learn int) (Plan, error) {
	switch profile {
	case "quick":
		return quickPlan(base, learn), nil
	case "paper":
		return paperPlan(base, learn), nil
	case "networks":
		return networksPlan(base, learn), nil
	case "embeddings":
		return embeddingsPlan(base, learn), nil
	}
	return Plan{}, fmt.Errorf("storage study: unknown profile %q: must be %s", profile, Profiles)
}
