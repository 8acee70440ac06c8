package claims

import (
	"fmt"
	"slices"
	"strings"

	storage "anncapacity/lib/storage/study"
)

// duplication checks that the network fetches fewer vectors after the last round of duplication than before the first, copies counted.
func (s *storageChecker) duplication() StorageClaim {
	c := StorageClaim{Claim: "Duplication of the mispredicted pairs helps: the network fetches fewer vectors after the last round than before, copies counted"}
	var held, numbers []string
	all := 0
	for _, data := range s.data {
		rows := slices.DeleteFunc(of(s.rows, data), func(r storage.Row) bool { return r.Way != storage.PaperNetwork || r.Test != storage.OtherPhotographs })
		for _, line := range Rounds(rows) {
			last := line[len(line)-1]
			at := setting(last.Data, last.Base, last.PerVector(), last.Source)
			all++
			if last.Vectors.High < 1 {
				held = append(held, at)
			}
			numbers = append(numbers, fmt.Sprintf("%+.1f %% vectors and %+.1f %% reads with %.2f copies, %s",
				100*(last.Vectors.Mean-1), 100*(last.Reads.Mean-1), last.Copies.Mean, at))
		}
	}
	return c.verdict(held, all, ends(numbers))
}

// ends returns the first and the last of several texts.
func ends(texts []string) []string {
	if len(texts) > 2 {
		return []string{texts[0], texts[len(texts)-1]}
	}
	return texts
}

// learns checks that on every base the network with the most learn queries fetches fewer vectors than that with the fewest.
func (s *storageChecker) learns() StorageClaim {
	c := StorageClaim{Claim: "The network learns from queries: on every base, that with the most learn queries fetches fewer vectors than that with the fewest"}
	type line struct {
		data        string
		base, units int
		source      string
	}
	first, last := map[line]Ratio{}, map[line]Ratio{}
	var lines []line
	for _, r := range s.ratios(storage.KMeans, Clusters, storage.OtherPhotographs) { // ascending in learn queries
		l := line{r.Data, r.Base, r.Units, r.Source}
		if _, known := first[l]; !known {
			first[l] = r
			lines = append(lines, l)
		}
		last[l] = r
	}
	var held, numbers []string
	all := 0
	for _, l := range lines {
		a, b := first[l], last[l]
		if a.Learn == b.Learn {
			continue
		}
		all++
		at := fmt.Sprintf("%d %s vectors", l.base, l.data)
		if b.High < a.Low {
			held = append(held, at)
		}
		numbers = append(numbers, fmt.Sprintf("%s: %.2f times the vectors of k-means with %d learn queries, %.2f times with %d", at, a.Mean, a.Learn, b.Mean, b.Learn))
	}
	return c.verdict(held, all, numbers)
}

// nearer compares queries near to the base or to the learn set with those from other photographs. The paper says nothing of it, but its test
// queries and its learn queries are from the same set of photographs.
func (s *storageChecker) nearer() StorageClaim {
	c := StorageClaim{Claim: "Not in the paper: the network saves more on queries that are near to the learn set or to the base than on those from other photographs"}
	far := map[Ratio]Ratio{} // by the setting alone
	for _, r := range s.ratios(storage.KMeans, Clusters, storage.OtherPhotographs) {
		far[settingOf(r)] = r
	}
	var held, numbers []string
	all := 0
	for _, r := range s.ratios(storage.KMeans, Clusters, storage.LearnPhotographs, storage.NearBase) {
		o, known := far[settingOf(r)]
		if !known {
			continue
		}
		all++
		if r.High < o.Low {
			held = append(held, r.Test+", "+where(r))
		}
		numbers = append(numbers, fmt.Sprintf("%s: %.2f times the vectors of k-means, %s: %.2f times, %s", r.Test, r.Mean, o.Test, o.Mean, where(r)))
	}
	return c.verdict(held, all, ends(numbers))
}

// settingOf returns a ratio without its test and its values.
func settingOf(r Ratio) Ratio {
	r.Test, r.Spread, r.Rounds = "", storage.Spread{}, 0
	return r
}

// clip says what was tested instead of CLIP embeddings.
func (s *storageChecker) clip() StorageClaim {
	c := StorageClaim{Claim: "The network fetches fewer vectors than k-means on CLIP embeddings, too", Here: "not tested", Condition: "no CLIP weights; a study reads the embeddings of a file"}
	if len(s.data) > 0 {
		c.Numbers = "data with a network: " + strings.Join(s.data, ", ")
	}
	return c
}
