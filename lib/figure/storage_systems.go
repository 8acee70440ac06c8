package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	storage "anncapacity/lib/storage/study"
)

// system is a way or a peer on a disk, with one size in memory.
type system struct {
	way, peer string
	memory    float64
	rows      []storage.DiskRow // ascending in recall
}

// systems returns the rows of one data, base and k by system: the ways of this project first, then the peers, each ascending in memory.
func systems(rows []storage.DiskRow) (all []system) {
	type key struct {
		way, peer string
		memory    float64
	}
	groups := groupBy(rows, func(r storage.DiskRow) key { return key{r.Way, r.Peer, math.Round(10 * r.Memory)} })
	for _, g := range groups {
		slices.SortStableFunc(g, func(a, b storage.DiskRow) int { return cmp.Compare(a.Recall, b.Recall) })
		all = append(all, system{g[0].Way, g[0].Peer, g[0].Memory, g})
	}
	place := func(s system) int {
		if s.peer != "" {
			return len(ways) + 1
		}
		return slices.IndexFunc(append(slices.Clone(ways), way{key: s.way}), func(w way) bool { return w.key == s.way })
	}
	slices.SortStableFunc(all, func(a, b system) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.peer, b.peer), cmp.Compare(a.memory, b.memory))
	})
	return all
}

// name returns the name of a system with its memory.
func (s system) name() string {
	name := s.peer
	if name == "" {
		name = wayOf(s.way).name
	}
	return fmt.Sprintf("%s, %.1f B", name, s.memory)
}

// at returns a quantity at a recall: that of the search that was calibrated for it, else the value between the two nearest settings, on
// a logarithmic axis of the quantity and the axis of nines of recall. known is false if the recall is outside of the settings or the
// quantity is unknown, which is 0 in the rows.
func (s system) at(recall float64, of func(storage.DiskRow) float64) (value float64, known bool) {
	for i, r := range s.rows {
		switch {
		case r.Wanted == recall || r.Wanted == 0 && r.Recall == recall:
			return of(r), of(r) > 0
		case i == 0 || r.Wanted != 0 || r.Recall < recall || s.rows[i-1].Recall > recall:
			continue
		}
		a, x, y := s.rows[i-1], of(s.rows[i-1]), of(r)
		if x <= 0 || y <= 0 {
			return 0, false
		}
		share := (nines(recall) - nines(a.Recall)) / (nines(r.Recall) - nines(a.Recall))
		return math.Exp(math.Log(x) + share*(math.Log(y)-math.Log(x))), true
	}
	return 0, false
}
