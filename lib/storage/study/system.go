package study

import (
	"cmp"
	"math"
	"slices"
)

// System is a way of this project or another program, with one size in memory, in files on a disk.
type System struct {
	Way, Peer string
	Memory    float64   // bytes for each base vector
	Rows      []DiskRow // ascending in recall
}

// Systems returns the rows of one data, base and k by system, in the order of their first rows. Sizes in memory that differ by less than a
// tenth of a byte are one.
func Systems(rows []DiskRow) (all []System) {
	for _, r := range rows {
		i := slices.IndexFunc(all, func(s System) bool { return s.Way == r.Way && s.Peer == r.Peer && math.Abs(s.Memory-r.Memory) < .1 })
		if i < 0 {
			i = len(all)
			all = append(all, System{Way: r.Way, Peer: r.Peer, Memory: r.Memory})
		}
		all[i].Rows = append(all[i].Rows, r)
	}
	for _, s := range all {
		slices.SortStableFunc(s.Rows, func(a, b DiskRow) int { return cmp.Compare(a.Recall, b.Recall) })
	}
	return all
}

// At returns a quantity at a recall: that of the search that was calibrated for it, or else, of swept settings, the value between those
// with the nearest recalls, linear in its logarithm and in log(1 − recall). A setting counts only if no other one has as high a recall for
// a smaller value. Below all of them the value is that of the first. known is false if the recall is above all settings, or if the
// quantity is unknown, which is 0 in the rows.
func (s System) At(recall float64, of func(DiskRow) float64) (value float64, known bool) {
	for _, r := range s.Rows {
		if r.Wanted == recall {
			return of(r), of(r) > 0
		}
	}
	swept := s.frontier(of)
	for i, r := range swept {
		switch {
		case r.Recall < recall:
			continue
		case i == 0 || r.Recall == recall:
			return of(r), true
		}
		a := swept[i-1]
		low, high := missed(a.Recall), missed(r.Recall)
		share := (missed(recall) - low) / (high - low)
		return math.Exp(math.Log(of(a)) + share*(math.Log(of(r))-math.Log(of(a)))), true
	}
	return 0, false
}

// frontier returns the swept settings of which a quantity is known, ascending in recall, without those for which another one has as high a
// recall for no larger a value.
func (s System) frontier(of func(DiskRow) float64) (rows []DiskRow) {
	least := math.Inf(1)
	for _, r := range slices.Backward(s.Rows) {
		if r.Wanted == 0 && of(r) > 0 && of(r) < least {
			least = of(r)
			rows = append(rows, r)
		}
	}
	slices.Reverse(rows)
	return rows
}

// missed returns the logarithm of the share of neighbours that a recall misses, of which .0001 is the least.
func missed(recall float64) float64 { return math.Log(1 - recall + 1e-4) }

// LargestOnDisk returns the systems of one k with the largest base, of the first data with it.
func LargestOnDisk(rows []DiskRow, k int) []System {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r DiskRow) bool { return r.K != k })
	if len(rows) == 0 {
		return nil
	}
	first := slices.MaxFunc(rows, func(a, b DiskRow) int { return cmp.Compare(a.Base, b.Base) })
	return Systems(slices.DeleteFunc(rows, func(r DiskRow) bool { return r.Base != first.Base || r.Data != first.Data }))
}
