package study

import "fmt"

// Plan holds the sizes of a study.
type Plan struct {
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
	Rounds int  // number of rounds; after each but the last pairs are duplicated
	Best   bool // trains also a wide network with soft labels and a linear layer from the centroids, without duplication
}

// Learn is a number of learn queries and the training on them.
type Learn struct {
	N      int
	Epochs int // of each round
	Batch  int // queries of a step; zero means that of package router
}

// QuickPlan returns a plan for a few thousand vectors that takes a few seconds.
func QuickPlan(base, learn int) Plan {
	return Plan{
		Seeds: []uint64{1, 2, 3}, Queries: 1000, Learn: learn, Sketches: []float64{8, 16},
		Bases: []Base{{N: base, Seeds: 3, Budgets: []float64{2, 4, 8}, Balanced: []float64{4}}},
		Networks: []Network{{
			Base: base, Units: max(2, base/200), Seeds: 3, Rounds: 3, Best: true,
			Learns: []Learn{{N: max(1, learn/4), Epochs: 4}, {N: learn, Epochs: 4}},
		}},
	}
}

// PaperPlan returns the plan of the committed study for a base and a learn set of a million vectors, or as many as there are.
func PaperPlan(base, learn int) Plan {
	p := Plan{
		Seeds: []uint64{1, 2, 3}, Queries: 10_000, Learn: min(200_000, learn), Sketches: []float64{4, 8, 16, 32},
		Bases: []Base{{N: min(250_000, base), Seeds: 3, Budgets: []float64{1, 2, 4, 8, 16}, Balanced: []float64{1, 4}}},
		Networks: []Network{{
			Base: min(100_000, base), Units: 256, Seeds: 3, Rounds: 3, Best: true, Learns: learns(learn),
		}},
	}
	if base > 250_000 {
		p.Bases = append(p.Bases, Base{N: base, Seeds: 1, Budgets: []float64{1, 2, 4, 8, 16}})
		p.Networks = append(p.Networks, Network{Base: base, Units: 1024, Seeds: 1, Rounds: 3, Learns: learns(learn)})
	}
	return p
}

// learns returns 10⁴, 10⁵, 10⁶ … learn queries up to n. Networks with more queries are trained for fewer epochs: 50 in each round, as
// in the paper, up to 10⁵ queries, then so many that a round has 5·10⁶ queries.
func learns(n int) (all []Learn) {
	for size := 10_000; size <= n; size *= 10 {
		l := Learn{N: size, Epochs: max(2, min(50, 5_000_000/size))}
		if size > 1_000_000 {
			l.Batch = 8192
		}
		all = append(all, l)
	}
	return all
}

// Profiles names the plans of PlanOf.
const Profiles = "quick, paper or networks (only the networks of paper)"

// PlanOf returns the plan of a profile.
func PlanOf(profile string, base, learn int) (Plan, error) {
	switch profile {
	case "quick":
		return QuickPlan(base, learn), nil
	case "paper":
		return PaperPlan(base, learn), nil
	case "networks":
		p := PaperPlan(base, learn)
		p.Bases = nil
		return p, nil
	}
	return Plan{}, fmt.Errorf("storage study: unknown profile %q: must be %s", profile, Profiles)
}
