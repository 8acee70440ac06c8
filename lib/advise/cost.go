package advise

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
)

// PolicyRow describes the answers of engines with one capacity policy to a request for the query and k neighbours at an
// efSearch below k + 1.
type PolicyRow struct {
	EfSearch int     `json:"ef_search"`
	Policy   string  `json:"policy"`
	Engines  string  `json:"engines"`
	Rejected bool    `json:"rejected"` // the engine returns an error; the following fields are zero
	Recall   float64 `json:"recall"`   // mean recall by distance
	Same     float64 `json:"recall_by_identity"`
	Length   float64 `json:"length"`      // mean number of answers, at most k
	Short    float64 `json:"short_share"` // share of queries with fewer than k answers
}

// engines names the engines that follow each policy.
var engines = map[hnsw.Policy]string{
	hnsw.Pad:      "FAISS IndexHNSWFlat",
	hnsw.Raise:    "hnswlib, usearch, DuckDB, Qdrant, Weaviate, Vespa, FAISS with bounded_queue = false",
	hnsw.Truncate: "pgvector",
	hnsw.Reject:   "Milvus, Elasticsearch",
}

// costs holds the nodes that searches visit and find, by efSearch.
type costs struct {
	*survey
	at        map[int]tally // nodes visited
	truncated map[int]tally // nodes returned under Truncate, for policyEfs
}

// tally holds numbers of nodes per query, excluding the query itself.
type tally struct {
	nodes []int32 // visited or returned
	near  []int32 // of these, as near as the k-th exact neighbour, at most k
	same  []int32 // of these, exact neighbours
}

func newTally(n int) tally { return tally{make([]int32, n), make([]int32, n), make([]int32, n)} }

// computeCosts performs one more walk for every query, up to the largest efSearch of the report.
func (s *survey) computeCosts(ctx context.Context) (*costs, error) {
	c := &costs{survey: s, at: map[int]tally{}, truncated: map[int]tally{}}
	efs := append(s.policyEfs(), s.mean.effort, s.each.effort, s.K+1)
	for _, ef := range efs {
		c.at[ef] = newTally(len(s.queries))
	}
	for _, ef := range s.policyEfs() {
		c.truncated[ef] = newTally(len(s.queries))
	}
	return c, s.eachQuery(ctx, "costs", indexes(len(s.queries)), func(w *hnsw.Walker, q int) error {
		walk, err := w.Walk(ann.PointID(s.queries[q]), slices.Max(efs))
		if err != nil {
			return err
		}
		return c.count(q, walk)
	})
}

// count sets the numbers of query q.
func (c *costs) count(q int, walk *hnsw.Walk) error {
	near := make([]int32, c.K)
	walk.EffortsWithin(c.radius[q], near)
	for ef, t := range c.at {
		t.nodes[q], t.near[q] = int32(walk.Capacity(ef)), int32(fidelity.Reached(near, ef))
		t.same[q] = t.near[q]
		if c.tied[q] && ef > 0 { // engines may return other points at the same distance
			list, err := walk.Answer(hnsw.Pad, c.K, ef)
			if err != nil {
				return err
			}
			t.same[q] = int32(fidelity.Shared(c.truth[q], list, c.K))
		}
	}
	farthest := float32(math.Sqrt(float64(c.radius[q])))
	for ef, t := range c.truncated {
		list, err := walk.Answer(hnsw.Truncate, c.K, ef)
		if err != nil {
			return err
		}
		t.nodes[q], t.same[q] = int32(len(list)), int32(fidelity.Shared(c.truth[q], list, c.K))
		for _, n := range list {
			if n.Distance <= farthest {
				t.near[q]++
			}
		}
	}
	return nil
}

// advice returns the advice for an efSearch, or nil if it is zero.
func (c *costs) advice(ef int) *Advice {
	if ef == 0 {
		return nil
	}
	f := c.at[ef]
	visited := slices.Clone(f.nodes)
	slices.Sort(visited)
	return &Advice{
		EfSearch: ef, Alpha: float64(ef) / float64(c.K),
		Recall: mean(f.near) / float64(c.K), Same: mean(f.same) / float64(c.K), Margin: c.margin(f.near),
		Reached: c.reaching(f.near),
		Visited: mean(visited), Visited99: int(visited[rankOf(0.99, len(visited))-1]),
		VisitShare: mean(visited) / float64(c.Base.N),
		AnyPolicy:  max(ef, c.K+1),
	}
}

// reaching returns the share of the queries that each reach the wanted recall.
func (c *costs) reaching(near []int32) float64 {
	count := 0
	for _, n := range near {
		if int(n) >= rankOf(c.Recall, c.K) {
			count++
		}
	}
	return float64(count) / float64(len(near))
}

// margin returns 1.96 standard errors of the mean recall, or 0 if all points were queries.
func (c *costs) margin(near []int32) float64 {
	if len(c.queries) == c.Base.N || len(c.queries) < 2 {
		return 0
	}
	recalls := make([]float64, len(near))
	for q, n := range near {
		recalls[q] = float64(n) / float64(c.K)
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

// policies returns a row for each of policyEfs and each policy.
func (c *costs) policies() []PolicyRow {
	var rows []PolicyRow
	for _, ef := range c.policyEfs() {
		for _, p := range hnsw.Policies {
			terms := p.Terms(c.K, ef, ann.PointID(0))
			row := PolicyRow{EfSearch: ef, Policy: p.String(), Engines: engines[p], Rejected: terms.Rejected}
			if !row.Rejected {
				f := c.at[terms.EfSearch]
				if terms.Most < c.K { // counted on the lists, since not every search visits its own query
					f = c.truncated[ef]
				}
				row.Recall, row.Same = mean(f.near)/float64(c.K), mean(f.same)/float64(c.K)
				row.Length, row.Short = c.lengths(f.nodes)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// lengths returns the mean length of answers from the available nodes per query, and the share of answers shorter than k.
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
