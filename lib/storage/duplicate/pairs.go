package duplicate

import (
	"cmp"
	"slices"

	"anncapacity/lib/storage/layout"
)

// pair is a key and a unit that lacks it, though the network expects the key there.
type pair struct {
	key, unit int32
	queries   int     // learn queries that mark the pair
	loss      float64 // sum of their losses
	margin    float64 // sum of their margins
}

// pairs returns the marked pairs in the order of Options.RankBy.
func (r *run) pairs(answers []answer) []pair {
	var all []pair
	at := map[[2]int32]int{}
	for i, a := range answers {
		if a.right {
			continue
		}
		id := [2]int32{r.nearest[i], a.unit}
		if _, ok := at[id]; !ok {
			at[id] = len(all)
			all = append(all, pair{key: id[0], unit: id[1]})
		}
		p := &all[at[id]]
		p.queries++
		p.loss += float64(a.loss)
		p.margin += float64(a.margin)
	}
	by := r.options.RankBy
	slices.SortFunc(all, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.rank(by), a.rank(by)), cmp.Compare(b.loss, a.loss),
			cmp.Compare(a.key, b.key), cmp.Compare(a.unit, b.unit))
	})
	return all
}

// rank returns the value that ranks the pair.
func (p pair) rank(by RankBy) float64 {
	switch by {
	case Loss:
		return p.loss
	case Margin:
		return p.margin
	}
	return float64(p.queries)
}

// withCopies returns a layout where the key of every pair is added at the end of its unit.
func withCopies(l layout.Layout, pairs []pair) layout.Layout {
	units := make([][]int32, l.Units())
	for u := range units {
		units[u] = l.Unit(u)
	}
	for _, p := range pairs {
		units[p.unit] = append(units[p.unit], p.key) // Unit returns a slice without spare capacity
	}
	return layout.New(units)
}
