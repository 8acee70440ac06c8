package advise

import (
	"context"
	"slices"

	"gonum.org/v1/gonum/stat"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
)

// PolicyRow is what engines of one capacity policy return when they are asked for the query and k neighbours at an
// efSearch below k + 1.
type PolicyRow struct {
	EfSearch int     `json:"ef_search"`
	Policy   string  `json:"policy"`
	Engines  string  `json:"engines"`
	Rejected bool    `json:"rejected"`    // an error, no answer: the rest is zero
	Recall   float64 `json:"recall"`      // mean
	Length   float64 `json:"length"`      // mean number of answers, of k
	Short    float64 `json:"short_share"` // share of queries with fewer than k answers
}

// engines names who follows a policy.
var engines = map[hnsw.Policy]string{
	hnsw.Pad:      "FAISS IndexHNSWFlat",
	hnsw.Raise:    "hnswlib, usearch, DuckDB, Qdrant, Weaviate, Vespa, FAISS with bounded_queue = false",
	hnsw.Truncate: "pgvector",
	hnsw.Reject:   "Milvus, Elasticsearch",
}

// costs holds, per efSearch and query, the number of nodes visited, and per policyEfs what Truncate returns.
type costs struct {
	*survey
	visited   map[int][]int32
	truncated map[int]answers
}

// answers is, per query, how many were returned and how many of them are exact neighbours.
type answers struct{ length, shared []int32 }

// measureCosts walks every query once more, now as far as the answer reaches.
func (s *survey) measureCosts(ctx context.Context) (*costs, error) {
	c := &costs{survey: s, visited: map[int][]int32{}, truncated: map[int]answers{}}
	queries := make([]int, len(s.queries))
	for q := range queries {
		queries[q] = q
	}
	efs := append(s.policyEfs(), s.mean.effort, s.each.effort, s.K+1)
	for _, ef := range efs {
		c.visited[ef] = make([]int32, len(queries))
	}
	for _, ef := range s.policyEfs() {
		c.truncated[ef] = answers{make([]int32, len(queries)), make([]int32, len(queries))}
	}
	return c, s.eachQuery(ctx, "costs", queries, func(w *hnsw.Walker, q int) error {
		walk, err := w.Walk(ann.PointID(s.queries[q]), slices.Max(efs))
		if err != nil {
			return err
		}
		for ef, visited := range c.visited {
			visited[q] = int32(walk.Capacity(ef))
		}
		for ef, t := range c.truncated {
			list, err := walk.Answer(hnsw.Truncate, s.K, ef)
			if err != nil {
				return err
			}
			t.length[q], t.shared[q] = int32(len(list)), int32(fidelity.Shared(s.truth[q], list, s.K))
		}
		return nil
	})
}

// advice describes an efSearch; 0 is none.
func (c *costs) advice(ef int) *Advice {
	if ef == 0 {
		return nil
	}
	visited := slices.Clone(c.visited[ef])
	slices.Sort(visited)
	reached := fidelity.Reached(c.queryEfforts(), ef)
	return &Advice{
		EfSearch: ef, Alpha: float64(ef) / float64(c.K),
		Recall: c.recall(ef), Margin: c.margin(ef),
		Reached: float64(reached) / float64(len(visited)),
		Visited: mean(visited), Visited99: int(visited[rankOf(0.99, len(visited))-1]),
		VisitShare: mean(visited) / float64(c.Base.N),
		AnyPolicy:  max(ef, c.K+1),
	}
}

// recall is the mean over queries of a search that returns the k nearest it has visited.
func (c *costs) recall(ef int) float64 {
	return float64(fidelity.Reached(c.efforts, ef)) / float64(len(c.efforts))
}

// margin is 1.96 standard errors of the mean recall, 0 when nothing was left to chance.
func (c *costs) margin(ef int) float64 {
	if len(c.queries) == c.Base.N || len(c.queries) < 2 {
		return 0
	}
	recalls := make([]float64, len(c.queries))
	for q := range recalls {
		recalls[q] = float64(fidelity.Reached(c.of(q), ef)) / float64(c.K)
	}
	return 1.96 * stat.StdErr(stat.StdDev(recalls, nil), float64(len(recalls)))
}

func mean(counts []int32) float64 {
	var sum int64
	for _, count := range counts {
		sum += int64(count)
	}
	return float64(sum) / float64(len(counts))
}

func (c *costs) policies() []PolicyRow {
	var rows []PolicyRow
	for _, ef := range c.policyEfs() {
		for _, p := range hnsw.Policies {
			row := PolicyRow{EfSearch: ef, Policy: p.String(), Engines: engines[p], Rejected: p == hnsw.Reject}
			switch p {
			case hnsw.Pad, hnsw.Raise:
				searched := p.Effort(c.K, ef, ann.PointID(0))
				row.Recall = c.recall(searched)
				row.Length, row.Short = c.lengths(c.visited[searched])
			case hnsw.Truncate:
				row.Recall = mean(c.truncated[ef].shared) / float64(c.K)
				row.Length, row.Short = c.lengths(c.truncated[ef].length)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// lengths is the mean length of answers from that many nodes, and the share of those shorter than k.
func (c *costs) lengths(available []int32) (length, short float64) {
	lengths := make([]int32, len(available))
	count := 0
	for i, n := range available {
		lengths[i] = min(n, int32(c.K))
		if lengths[i] < int32(c.K) {
			count++
		}
	}
	return mean(lengths), float64(count) / float64(len(available))
}
