package audit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"

	"anncapacity/lib/confidence"
	"anncapacity/lib/engine"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/indexfile"
	"anncapacity/lib/report"
)

// advice returns the smallest efSearch with which the lower confidence bound of the mean recall reaches the wanted recall for the
// largest k, on one half of the queries, and the mean recall on the other half. It returns nil if there is none up to that of the
// walks.
func (s *survey) advice() (*report.Advice, error) {
	i := len(s.K) - 1
	k := s.K[i]
	order := rand.New(rand.NewPCG(s.Seed, 1)).Perm(s.asked.N)
	calibrate, verify := order[:s.asked.N/2], order[s.asked.N/2:]
	least := 1
	if s.policy == hnsw.Raise {
		least = k // a smaller one has no effect
	}
	var failed error
	bound := func(ef int) float64 {
		b, err := confidence.LowerMean(s.recalls(i, calibrate, ef), report.Level)
		if err != nil {
			failed = err
		}
		return b
	}
	ef := least + sort.Search(s.largest-least+1, func(n int) bool { return bound(least+n) >= s.Recall })
	if failed != nil || ef > s.largest {
		return nil, failed
	}
	a := &report.Advice{K: k, EfSearch: ef, Bound: bound(ef), VerifiedOn: len(verify), Statement: s.statement(ef, k)}
	recalls := s.recalls(i, verify, ef)
	for _, r := range recalls {
		a.Verified += r / float64(len(recalls))
	}
	a.Text = fmt.Sprintf("Set %s to %d: with it the mean recall at k = %d is at least %s with a confidence of 95 %%, and %s on the other %s queries.",
		s.library().effort, ef, k, report.Percent(a.Bound), report.Percent(a.Verified), report.Thousands(a.VerifiedOn))
	return a, failed
}

// recalls returns the recalls by distance of some queries at efSearch. i is the index of k.
func (s *survey) recalls(i int, queries []int, efSearch int) []float64 {
	all := make([]float64, len(queries))
	for j, q := range queries {
		o := s.observation(i, q, efSearch)
		all[j] = float64(o.ByDistance) / float64(o.Possible)
	}
	return all
}

// library holds the words for the library of an index file.
type library struct {
	engine.Words
	name   string // of the library
	effort string // its name of efSearch, in sentences
	filter string // what its own filter does
}

var libraries = map[indexfile.Format]library{
	indexfile.FAISS: {engine.FAISS, "FAISS", "efSearch", "This is what FAISS returns with an IDSelector."},
	indexfile.HNSWLib: {engine.HNSWLib, "hnswlib", "ef", "hnswlib's own filter function does more: a search passes through the vectors that it rejects without " +
		"counting them towards ef, and goes on until ef vectors with the label are found. It returns more of them and visits more vectors."},
	indexfile.USearch: {engine.USearch, "usearch", "expansion_search",
		"usearch's own predicate does more: a search passes through the vectors that it rejects " +
			"without counting them towards expansion_search, and goes on until that many vectors with the label are found. It returns more of them and visits " +
			"more vectors."},
}

func (p *problem) library() library { return libraries[p.Index.Format] }

// statement returns the call that sets efSearch.
func (p *problem) statement(efSearch, k int) string {
	call := p.library().Statement(efSearch, k)
	if strings.HasPrefix(p.Index.Class, "IndexIDMap") {
		return strings.Replace(call, "index.", "faiss.downcast_index(index.index).", 1)
	}
	return call
}

const mostWorst = 10

// worst returns the queries with the lowest recall at the setting of the verdict: the present one at its k or, without one, that of
// the advice or the one with the largest efSearch.
func (s *survey) worst(r *report.Report) []report.Worst {
	ef := s.present()
	i := slices.Index(s.K, r.VerdictK())
	all := s.recalls(i, inOrder(s.asked.N), ef)
	order := inOrder(s.asked.N)
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case all[a] < all[b]:
			return -1
		case all[a] > all[b]:
			return 1
		}
		return 0
	})
	var worst []report.Worst
	for _, q := range order[:min(mostWorst, len(order))] {
		worst = append(worst, report.Worst{
			Query: s.queryName(q), Recall: all[q], Returned: s.observation(i, q, ef).Length,
			Nearest: float64(s.limit[q][0]), Kth: float64(s.limit[q][s.K[i]-1]),
		})
	}
	return worst
}

// inOrder returns 0 … n−1.
func inOrder(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
