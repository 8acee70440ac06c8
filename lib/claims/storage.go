package claims

import (
	"fmt"
	"slices"
	"strings"

	"anncapacity/lib/storage/stop"
	storage "anncapacity/lib/storage/study"
)

// What the paper on storage (Ikeda, Miyashita, Deguchi, arXiv 2501.16375) states for SIFT1M at 90 % recall@1: the share of the vectors
// fetched that its network saves.
const (
	PublishedFewer      = .58 // of those of k-means
	publishedFewerSPANN = .80 // of those of SPANN
	publishedRecall     = .9
)

// StorageClaim is a statement of the paper on storage and its verdict.
type StorageClaim struct {
	Claim     string `csv:"claim"`
	Here      string `csv:"holds_here"` // "yes", "no", "partly", "not run" or "not tested"
	Condition string `csv:"under_which_condition"`
	Numbers   string `csv:"numbers"`
}

// CheckStorage checks the statements of the paper on storage against the rows of a study. A network is that after its last round of
// duplication, and reads a fixed number of clusters for every query, as does the baseline with the same seed. Test queries are from
// photographs of which neither the base nor the learn set has one. A statement holds for a network if it holds with every seed; it holds
// partly if it holds for some networks.
func CheckStorage(rows []storage.Row) []StorageClaim {
	s := storageChecker{networkRows(rows), nil}
	for _, r := range s.rows {
		if r.Way == storage.PaperNetwork && !slices.Contains(s.data, r.Data) {
			s.data = append(s.data, r.Data)
		}
	}
	return []StorageClaim{
		s.fewer("k-means", storage.KMeans, Clusters, 0), s.fewer("k-means", storage.KMeans, Clusters, PublishedFewer),
		s.fewer("k-means", storage.KMeans, Memory, 0), s.fewer("k-means", storage.KMeans, Memory, PublishedFewer),
		s.fewer("SPANN's closure", storage.Closure, Clusters, publishedFewerSPANN), s.fewer("SPANN's closure", storage.Closure, Memory, publishedFewerSPANN),
		s.duplication(), s.learns(), s.nearer(), s.clip(),
	}
}

// networkRows returns the rows that the statements are about.
func networkRows(rows []storage.Row) (kept []storage.Row) {
	for _, r := range rows {
		if r.K == 1 && r.Recall == publishedRecall && r.Rule == stop.Fixed.Key && (r.Way == storage.PaperNetwork || slices.Contains(storage.Baselines, r.Way)) {
			kept = append(kept, r)
		}
	}
	return kept
}

// storageChecker holds rows of the paper's network and of the baselines, and the names of the data with networks.
type storageChecker struct {
	rows []storage.Row
	data []string
}

// ratios returns the ratios of the network on each data, on test queries from other photographs or on all.
func (s *storageChecker) ratios(baseline string, equal Equal, tests ...string) (all []Ratio) {
	for _, data := range s.data {
		for _, r := range Ratios(of(s.rows, data), baseline) {
			if r.Equal == equal && slices.Contains(tests, r.Test) {
				all = append(all, r)
			}
		}
	}
	return all
}

// of returns the rows of one data.
func of(rows []storage.Row, data string) []storage.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r storage.Row) bool { return r.Data != data })
}

// fewer checks that the network fetches a share fewer vectors than a baseline.
func (s *storageChecker) fewer(name, baseline string, equal Equal, share float64) StorageClaim {
	c := StorageClaim{Claim: fmt.Sprintf("At %.0f %% recall@1 the network fetches at least %.0f %% fewer vectors than %s with as %s",
		100*publishedRecall, 100*share, name, map[Equal]string{Clusters: "many clusters", Memory: "much memory"}[equal])}
	if share == 0 {
		c.Claim = fmt.Sprintf("At %.0f %% recall@1 the network fetches fewer vectors than %s with as %s",
			100*publishedRecall, name, map[Equal]string{Clusters: "many clusters", Memory: "much memory"}[equal])
	}
	all := s.ratios(baseline, equal, storage.OtherPhotographs)
	holds := func(r Ratio) bool { return r.High <= 1-share && r.High < 1 }
	return c.judge(all, holds, func(r Ratio) string {
		return fmt.Sprintf("%+.1f %% (%+.1f to %+.1f)", 100*(r.Mean-1), 100*(r.Low-1), 100*(r.High-1))
	})
}

// judge fills in the verdict on networks, the least number of learn queries for each base vector from which on it holds, and the numbers of
// the network that is best and of the largest base.
func (c StorageClaim) judge(all []Ratio, holds func(Ratio) bool, say func(Ratio) string) StorageClaim {
	if len(all) == 0 {
		return c.verdict(nil, 0, nil)
	}
	best, largest := all[0], all[0]
	var held []string
	for _, r := range all {
		if r.Mean < best.Mean {
			best = r
		}
		if r.Base > largest.Base || r.Base == largest.Base && r.Learn >= largest.Learn {
			largest = r
		}
		if holds(r) {
			held = append(held, where(r))
		}
	}
	numbers := []string{fmt.Sprintf("%s with %s", say(largest), where(largest))}
	if best != largest {
		numbers = append(numbers, fmt.Sprintf("the best is %s with %s", say(best), where(best)))
	}
	return c.verdict(held, len(all), numbers)
}

// verdict fills in where a statement holds, of how many comparisons, and the numbers.
func (c StorageClaim) verdict(held []string, all int, numbers []string) StorageClaim {
	switch {
	case all == 0:
		c.Here = "not run"
	case len(held) == all:
		c.Here = "yes"
	case len(held) == 0:
		c.Here = "no"
	default:
		c.Here, c.Condition = "partly", strings.Join(held, "; ")
	}
	c.Numbers = strings.Join(numbers, "; ")
	return c
}

// where returns the base and the learn queries of a network.
func where(r Ratio) string { return setting(r.Data, r.Base, r.PerVector(), r.Source) }

// LearnQueries returns a number of learn queries in words, "1 learn query" or "0.1 learn queries".
func LearnQueries(n float64) string {
	if n == 1 {
		return "1 learn query"
	}
	return fmt.Sprintf("%.3g learn queries", n)
}

func setting(data string, base int, perVector float64, source string) string {
	text := fmt.Sprintf("%s for each of %d %s vectors", LearnQueries(perVector), base, data)
	if source == storage.NearBase {
		text += " (learn queries are " + source + ")"
	}
	return text
}
