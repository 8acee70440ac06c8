package claims

import (
	"cmp"
	"slices"

	storage "anncapacity/lib/storage/study"
)

// Equal is what a network and k-means have in common when they are compared.
type Equal string

// What can be equal.
const (
	Clusters Equal = "clusters"
	Memory   Equal = "memory"
)

// Ratio is the number of vectors that a network fetches, divided by that of a baseline with the same seed, base, test, k, recall and
// rule.
type Ratio struct {
	Equal          Equal
	Data, Way      string // the way is the network's
	Base, Units    int    // base vectors, clusters of the network
	Learn          int    // learn queries
	Source, Test   string
	Rounds         int // of duplication
	storage.Spread     // of the ratio, over seeds
}

// PerVector returns the number of learn queries for each base vector.
func (r Ratio) PerVector() float64 { return float64(r.Learn) / float64(r.Base) }

// Ratios returns the ratios of all networks after their last round of duplication, ascending in learn queries within each base, way,
// test and source. The rows are of one data, k, recall and rule. Where the baseline was run with neither as many clusters nor with fewer
// and with more, there is no ratio; so it is with memory.
func Ratios(rows []storage.Row, baseline string) (all []Ratio) {
	type network struct {
		way, test, source  string
		base, units, learn int
	}
	networks, others := map[network][]storage.Row{}, map[seeded][]storage.Row{}
	var keys []network
	for _, r := range rows {
		key := network{r.Way, r.Test, r.Source, r.Base, r.Units, r.Learn}
		switch {
		case r.Way == baseline:
			at := seeded{r.Test, r.Base, r.Seed}
			others[at] = append(others[at], r)
		case r.Learn > 0:
			if networks[key] == nil {
				keys = append(keys, key)
			}
			networks[key] = append(networks[key], r)
		}
	}
	slices.SortStableFunc(keys, func(a, b network) int {
		return cmp.Or(cmp.Compare(a.base, b.base), cmp.Compare(a.units, b.units), cmp.Compare(a.learn, b.learn))
	})
	for _, key := range keys {
		last := storage.LastTrained(networks[key])
		for _, equal := range []Equal{Clusters, Memory} {
			if s := ratio(last, others, equal); s.Seeds > 0 {
				all = append(all, Ratio{equal, last[0].Data, key.way, key.base, key.units, key.learn, key.source, key.test, last[0].Round, s})
			}
		}
	}
	return all
}

// seeded identifies the rows of a baseline with one seed.
type seeded struct {
	test string
	base int
	seed uint64
}

// ratio returns the spread of the ratio over the seeds that both have.
func ratio(networks []storage.Row, others map[seeded][]storage.Row, equal Equal) storage.Spread {
	var ratios []float64
	for _, r := range networks {
		of := others[seeded{r.Test, r.Base, r.Seed}]
		vectors, known := storage.AtMemory(of, r.Memory)
		if equal == Clusters {
			vectors, known = storage.AtUnits(of, r.Units)
		}
		if known {
			ratios = append(ratios, r.Vectors/vectors)
		}
	}
	return storage.NewSpread(ratios)
}
