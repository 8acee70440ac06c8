package claims

import (
	"fmt"
	"math"
	"slices"

	storage "anncapacity/lib/storage/study"
)

// StorageTarget is an aim of this project on storage: the share of the vectors of a baseline that the best other way does not fetch, with
// the same memory.
type StorageTarget struct {
	Aim       string  `csv:"aim"`
	Base      int     `csv:"base"`         // number of base vectors
	Memory    float64 `csv:"memory_bytes"` // of the way, for each base vector; the numbers of the baseline are interpolated there
	Way       string  `csv:"way"`
	Rule      string  `csv:"rule"`
	Vectors   float64 `csv:"vectors_fetched"`
	Fixed     float64 `csv:"baseline_fixed"`       // vectors that the baseline fetches with a fixed number of units
	Best      float64 `csv:"baseline_best_rule"`   // and with the rule that fetches fewest
	Fewer     string  `csv:"fewer_than_fixed"`     // of Fixed
	FewerBest string  `csv:"fewer_than_best_rule"` // of Best
	Reached   string  `csv:"reached"`              // "yes", "no", "against a fixed number of units" or "not run"
}

// aims holds the shares that are wanted, at about a memory in bytes.
var aims = []struct{ memory, share float64 }{{4, .5}, {8, .75}, {16, .85}}

// diskRecalls are the recalls of the aims.
var diskRecalls = []float64{.9, .95, .99}

// StorageTargets compares the best way with k-means and with SPANN's closure at each memory and recall@1 of the aims: on each base
// on which memories can be compared, the largest first, on queries from other photographs, with the network of the most learn queries.
func StorageTargets(rows []storage.Row) (all []StorageTarget) {
	data, base := storage.Largest(rows)
	main := storage.LastTrained(slices.DeleteFunc(slices.Clone(rows), func(r storage.Row) bool {
		return r.Data != data || r.Base > base || r.K != 1 || r.Test != storage.OtherPhotographs
	}))
	var bases []int
	for _, r := range main {
		if !slices.Contains(bases, r.Base) {
			bases = append(bases, r.Base)
		}
	}
	slices.SortFunc(bases, func(a, b int) int { return b - a })
	for _, base := range bases {
		all = append(all, targets(slices.DeleteFunc(slices.Clone(main), func(r storage.Row) bool { return r.Base != base }), base)...)
	}
	return all
}

// targets compares the rows of one base.
func targets(main []storage.Row, base int) (all []StorageTarget) {
	for _, aim := range aims {
		for _, recall := range diskRecalls {
			at := slices.DeleteFunc(slices.Clone(main), func(r storage.Row) bool { return r.Recall != recall })
			for _, baseline := range storage.Baselines {
				t := StorageTarget{
					Aim:  fmt.Sprintf("%.0f %% fewer than %s, %v bytes, recall@1 %.2f", 100*aim.share, baseline, aim.memory, recall),
					Base: base, Reached: "not run",
				}
				if c, known := storage.Compare(at, aim.memory, baseline); known {
					t = t.of(c, aim.share)
				}
				all = append(all, t)
			}
		}
	}
	return all
}

// of fills in a comparison.
func (t StorageTarget) of(c storage.Comparison, wanted float64) StorageTarget {
	t.Memory, t.Way, t.Rule = tenths(c.Memory), c.Way, c.Rule
	t.Vectors, t.Fixed, t.Best = tenths(c.Vectors.Mean), tenths(c.Fixed), tenths(c.Adaptive)
	t.Fewer, t.FewerBest = fmt.Sprintf("%.1f %%", 100*c.Fewer), fmt.Sprintf("%.1f %%", 100*c.FewerAdaptive)
	switch {
	case c.FewerAdaptive >= wanted:
		t.Reached = "yes"
	case c.Fewer >= wanted:
		t.Reached = "against a fixed number of units"
	default:
		t.Reached = "no"
	}
	return t
}

func tenths(x float64) float64 { return math.Round(10*x) / 10 }

// CheckDisk checks the aims on a disk: the project reads fewer bytes than each other program at equal recall and memory, and a query
// takes less processor time than its reads take.
func CheckDisk(rows []storage.DiskRow) (all []StorageClaim) {
	systems := storage.LargestOnDisk(rows, 1)
	var peers []string
	for _, s := range systems {
		if s.Peer != "" && !slices.Contains(peers, s.Peer) {
			peers = append(peers, s.Peer)
			all = append(all, fewerBytes(systems, s.Peer))
		}
	}
	if len(peers) == 0 {
		all = append(all, fewerBytes(systems, "other programs"))
	}
	return append(all, fasterThanReads(systems))
}

// moreMemory is the largest ratio between the memory of a way of this project and that of the program that it is compared with.
const moreMemory = 1.05

// fewerBytes compares each size of the other program with the way of at most as much memory that reads the fewest bytes.
func fewerBytes(all []storage.System, peer string) StorageClaim {
	c := StorageClaim{Claim: fmt.Sprintf("This project reads fewer bytes than %s at equal recall, with at most %.2f times its memory", peer, moreMemory)}
	bytes := func(r storage.DiskRow) float64 { return r.Bytes }
	var held, numbers []string
	compared := 0
	for _, theirs := range all {
		for _, recall := range diskRecalls {
			read, known := theirs.At(recall, bytes)
			if theirs.Peer != peer || !known {
				continue
			}
			at := fmt.Sprintf("%.1f bytes at %.2f", theirs.Memory, recall)
			way, ours := fewest(all, moreMemory*theirs.Memory, recall, bytes)
			compared++
			if ours < read {
				held = append(held, at)
			}
			if way == "" {
				numbers = append(numbers, at+": no way with as little memory")
				continue
			}
			numbers = append(numbers, fmt.Sprintf("%s: %.0f kB, %s %.0f kB", at, read/1000, way, ours/1000))
		}
	}
	return c.verdict(held, compared, numbers)
}

// fewest returns the way of this project with the smallest cost at a recall within a memory, and the cost; "" and +Inf if there is none.
func fewest(all []storage.System, memory, recall float64, cost func(storage.DiskRow) float64) (way string, least float64) {
	least = math.Inf(1)
	for _, s := range all {
		if x, known := s.At(recall, cost); known && s.Peer == "" && s.Memory <= memory && x < least {
			way, least = s.Way, x
		}
	}
	return way, least
}

// fasterThanReads compares the processor time of each way with what a cold query takes longer than a warm one.
func fasterThanReads(all []storage.System) StorageClaim {
	c := StorageClaim{Claim: "A query takes less processor time than its reads: than a cold query takes longer than a warm one"}
	var held, numbers []string
	compared := 0
	for _, s := range all {
		for _, r := range s.Rows {
			if s.Peer != "" || r.Wanted == 0 || r.Cold == 0 {
				continue
			}
			at := fmt.Sprintf("%s with %.1f bytes at %.2f", s.Way, s.Memory, r.Wanted)
			compared++
			if r.CPU < r.Cold-r.Warm {
				held = append(held, at)
			}
			numbers = append(numbers, fmt.Sprintf("%s: %.3g of %.3g ms", at, r.CPU, r.Cold-r.Warm))
		}
	}
	return c.verdict(held, compared, numbers)
}
