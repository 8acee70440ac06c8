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

// At returns a quantity at a recall: that of the search that was calibrated for it, or else, of a swept setting, the value between those
// with the nearest recalls, linear in its logarithm and in log(1 − recall). known is false if the recall is outside of the settings, or
// the quantity is unknown, which is 0 in the rows.
func (s System) At(recall float64, of func(DiskRow) float64) (value float64, known bool) {
	swept := slices.DeleteFunc(slices.Clone(s.Rows), func(r DiskRow) bool { return r.Wanted != 0 })
	for _, r := range s.Rows {
		if r.Wanted == recall {
			return of(r), of(r) > 0
		}
	}
	for i, r := range swept {
		if r.Recall == recall {
			return of(r), of(r) > 0
		}
		if i == 0 || r.Recall < recall || swept[i-1].Recall > recall {
			continue
		}
		x, y := of(swept[i-1]), of(r)
		if x <= 0 || y <= 0 {
			return 0, false
		}
		low, high := missed(swept[i-1].Recall), missed(r.Recall)
		share := (missed(recall) - low) / (high - low)
		return math.Exp(math.Log(x) + share*(math.Log(y)-math.Log(x))), true
	}
	return 0, false
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
