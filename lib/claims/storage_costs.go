package claims

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"anncapacity/lib/storage"
	"anncapacity/lib/storage/study"
)

// StorageCost is what a query of a way with a memory costs, mean over the seeds, with the rule that fetches the fewest vectors at
// recall@1 .90. A number is 0 if the way does not reach the recall.
type StorageCost struct {
	Way       string  `csv:"way"`
	Rule      string  `csv:"rule"`
	Memory    float64 `csv:"memory_bytes"` // for each base vector
	Copies    float64 `csv:"copies"`       // of each base vector
	Seeds     int     `csv:"seeds"`
	At80      float64 `csv:"vectors_80"` // vectors fetched at recall@1 .80
	At90      float64 `csv:"vectors_90"`
	At95      float64 `csv:"vectors_95"`
	At99      float64 `csv:"vectors_99"`
	Kilobytes float64 `csv:"kB_90"` // read at recall@1 .90
	Reads     float64 `csv:"reads_90"`
}

// StorageCosts returns the costs of every way and memory on one data, for queries from other photographs, in the order of the rows and
// ascending in memory within a way.
func StorageCosts(rows []study.Row, data string) (all []StorageCost) {
	type key struct {
		way    string
		budget float64
		units  int
	}
	groups := map[key][]study.Row{}
	var keys []key
	for _, r := range dataRows(rows, data) {
		k := key{r.Way, r.Budget, 0}
		if r.Budget == 0 {
			k.units = r.Units // the number of units of a budget can depend on the seed
		}
		if groups[k] == nil {
			keys = append(keys, k)
		}
		groups[k] = append(groups[k], r)
	}
	for _, k := range keys {
		if c, ok := costOf(groups[k]); ok && !slices.Contains(all, c) { // k-means with the clusters of a network may be that of a budget
			all = append(all, c)
		}
	}
	first := map[string]int{} // place of a way
	for i, c := range all {
		if _, known := first[c.Way]; !known {
			first[c.Way] = i
		}
	}
	slices.SortStableFunc(all, func(a, b StorageCost) int {
		return cmp.Or(cmp.Compare(first[a.Way], first[b.Way]), cmp.Compare(a.Memory, b.Memory))
	})
	return all
}

// dataRows returns the rows of one data at k = 1 for queries from other photographs, of networks those that were trained last.
func dataRows(rows []study.Row, data string) []study.Row {
	return study.LastTrained(slices.DeleteFunc(slices.Clone(rows), func(r study.Row) bool {
		return r.Data != data || r.K != 1 || r.Test != study.OtherPhotographs
	}))
}

// costOf returns the cost of rows that differ in their seeds, rules and recalls. ok is false if none has recall .90.
func costOf(rows []study.Row) (c StorageCost, ok bool) {
	best := math.Inf(1)
	at := func(rule string, recall float64, of func(study.Row) float64) float64 {
		return study.Over(slices.DeleteFunc(slices.Clone(rows), func(r study.Row) bool { return r.Rule != rule || r.Recall != recall }), of).Mean
	}
	vectors := func(r study.Row) float64 { return r.Vectors }
	for _, r := range rows {
		if mean := at(r.Rule, publishedRecall, vectors); r.Recall == publishedRecall && mean < best {
			best, c.Rule = mean, r.Rule
		}
	}
	seeds := map[uint64]bool{}
	for _, r := range rows {
		seeds[r.Seed] = true
	}
	c.Way, c.Seeds = rows[0].Way, len(seeds)
	c.Memory = tenths(study.Over(rows, func(r study.Row) float64 { return r.Memory }).Mean)
	c.Copies = math.Round(1000*study.Over(rows, func(r study.Row) float64 { return r.Copies }).Mean) / 1000
	c.At80, c.At90 = tenths(at(c.Rule, .8, vectors)), tenths(best)
	c.At95, c.At99 = tenths(at(c.Rule, .95, vectors)), tenths(at(c.Rule, .99, vectors))
	c.Kilobytes = tenths(at(c.Rule, publishedRecall, func(r study.Row) float64 { return r.Bytes / 1000 }))
	c.Reads = tenths(at(c.Rule, publishedRecall, func(r study.Row) float64 { return r.Reads }))
	return c, !math.IsInf(best, 1)
}

// StorageSentences compares, on one data at recall@1 .90, every sketch and every network with the baselines at equal memory, and says
// how many bytes a fetched vector takes. There are none if the data was not studied.
func StorageSentences(rows []study.Row, data string) (said []string) {
	kept := slices.DeleteFunc(dataRows(rows, data), func(r study.Row) bool { return r.Recall != publishedRecall })
	for _, c := range StorageCosts(rows, data) {
		var than []string
		for _, baseline := range study.Baselines {
			if v, known := baselineAt(kept, baseline, c.Memory); known && !slices.Contains(study.Baselines, c.Way) {
				than = append(than, fmt.Sprintf("%+.0f %% against %s (%.0f)", 100*(c.At90/v-1), wayName(baseline), v))
			}
		}
		if len(than) > 0 {
			said = append(said, fmt.Sprintf("%s: with %.1f bytes of memory for each vector a query fetches %.1f vectors at recall@1 = %.2f, %s with as much memory.",
				wayName(c.Way), c.Memory, c.At90, publishedRecall, strings.Join(than, " and ")))
		}
	}
	return append(said, bytesOfVectors(rows, data)...)
}

// baselineAt returns the vectors that a baseline fetches with a memory and the rule that fetches the fewest.
func baselineAt(rows []study.Row, baseline string, memory float64) (least float64, ok bool) {
	rules := map[string][]study.Row{}
	for _, r := range rows {
		if r.Way == baseline {
			rules[r.Rule] = append(rules[r.Rule], r)
		}
	}
	least = math.Inf(1)
	for _, of := range rules {
		if v, known := study.AtMemory(of, memory); known {
			least, ok = min(least, v), true
		}
	}
	return least, ok
}

// bytesOfVectors says what a fetched vector costs in bytes.
func bytesOfVectors(rows []study.Row, data string) []string {
	var words []string
	seen := map[string]bool{}
	for _, c := range StorageCosts(rows, data) {
		if !seen[c.Way] {
			seen[c.Way] = true
			words = append(words, fmt.Sprintf("%s %.1f", wayName(c.Way), c.Kilobytes/c.At90))
		}
	}
	if len(words) == 0 {
		return nil
	}
	return []string{"Kilobytes read for a vector that is fetched, with the least memory of each way: " + strings.Join(words, ", ") + "."}
}

// wayName returns the name of a way, or its key if it is a network of a study.
func wayName(key string) string {
	if w, err := storage.WayOf(key); err == nil {
		return w.Name
	}
	return key
}
