package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/storage/postings"
	"anncapacity/lib/storage/stop"
)

// SearchOptions are the parameters of SearchAll.
type SearchOptions struct {
	K      int     // number of neighbours
	Recall float64 // wanted mean recall
}

// Found is the result of SearchAll. Costs are means of a query.
type Found struct {
	Version        int         `json:"version"`
	IDs            [][]int32   `json:"ids"`       // of each query, the nearest first
	Distances      [][]float32 `json:"distances"` // L2
	VectorsFetched float64     `json:"vectors_fetched"`
	BytesRead      float64     `json:"bytes_read"`
	Pages          float64     `json:"pages"`
	Reads          float64     `json:"reads"`
	MemoryBytes    int64       `json:"memory_bytes"`    // of the whole index
	ExpectedRecall float64     `json:"expected_recall"` // of the learn queries that calibrated the search
	Rule           string      `json:"rule"`            // that ended the searches
	Access         string      `json:"access"`          // how the vectors were read, in words

	elapsed time.Duration
}

// foundVersion is the version of the JSON of Found.
const foundVersion = 1

// SearchAll searches for every query, several at the same time. If the index is not calibrated for the number of neighbours, it
// searches for the next larger number that it is calibrated for, and returns the nearest of these. It is an error if the dimensions
// differ, if a number is not finite, or if the index is not calibrated for as many neighbours or for the recall.
func (x *Index) SearchAll(ctx context.Context, queries ann.Coordinates, o SearchOptions) (*Found, error) {
	if queries.D != x.D {
		return nil, fmt.Errorf("queries have %d dimensions, the index %d", queries.D, x.D)
	}
	c, effort, err := x.calibration(o.K, o.Recall)
	if err != nil {
		return nil, err
	}
	rule, err := stop.RuleOf(c.Rule)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	lists, cost, err := x.searchAll(ctx, queries, c.K, rule, effort.Threshold)
	if err != nil {
		return nil, err
	}
	f := &Found{
		Version: foundVersion, MemoryBytes: x.MemoryBytes, ExpectedRecall: effort.Recall, Rule: rule.Key, Access: x.Mode(),
		elapsed: time.Since(began),
		IDs:     make([][]int32, queries.N), Distances: make([][]float32, queries.N),
	}
	for i, list := range lists {
		f.IDs[i], f.Distances[i] = []int32{}, []float32{}
		for _, n := range list[:o.K] {
			f.IDs[i], f.Distances[i] = append(f.IDs[i], n.ID), append(f.Distances[i], n.Distance)
		}
	}
	n := float64(queries.N)
	f.VectorsFetched, f.BytesRead = float64(cost.Vectors)/n, float64(cost.Bytes())/n
	f.Pages, f.Reads = float64(cost.Pages)/n, float64(cost.Reads)/n
	return f, nil
}

// searchAll returns the neighbours of each query and the cost of all.
func (x *Index) searchAll(
	ctx context.Context, queries ann.Coordinates, k int, rule stop.Rule, threshold float64,
) ([]ann.Neighbors, postings.Cost, error) {
	lists := make([]ann.Neighbors, queries.N)
	var mu sync.Mutex
	var all []*Searcher
	err := parallel.Each(ctx, queries.N, func() (func(int) error, error) {
		s, err := x.NewSearcher(k, rule, threshold)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, s)
		row := make([]float32, queries.D)
		return func(q int) (err error) {
			if lists[q], err = s.Search(ctx, ann.Query{Vector: queries.Row(q, row)}); err != nil {
				return fmt.Errorf("query %d: %w", q, err)
			}
			return nil
		}, nil
	})
	var cost postings.Cost
	for _, s := range all {
		cost.Add(s.Cost)
	}
	return lists, cost, err
}

// Summary returns the costs in words.
func (f *Found) Summary() string {
	var b strings.Builder
	n := len(f.IDs)
	fmt.Fprintf(&b, "%d queries in %.2f s: %.1f vectors, %.1f pages of 4 KiB and %.1f reads a query\n",
		n, f.elapsed.Seconds(), f.VectorsFetched, f.Pages, f.Reads)
	fmt.Fprintf(&b, "expected recall %.4f; %.1f MB in memory; %s\n", f.ExpectedRecall, float64(f.MemoryBytes)/1e6, f.Access)
	return b.String()
}

// Summary returns the index in words.
func (d *Description) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d vectors of %d numbers in %d units, %.3f copies, %.2f bytes a vector in memory\n",
		d.Way, d.N, d.D, d.Units, float64(d.Stored)/float64(d.N), float64(d.MemoryBytes)/float64(d.N))
	var ks []int
	for _, c := range d.Calibration {
		ks = append(ks, c.K)
	}
	slices.Sort(ks)
	for _, k := range slices.Compact(ks) {
		for _, recall := range []float64{.9, .95, .99} {
			if c, e, err := d.calibration(k, recall); err == nil {
				fmt.Fprintf(&b, "recall@%d of %v: %.0f vectors, %.1f pages a query (%s)\n", k, recall, e.Vectors, e.Pages, c.Rule)
			} else {
				fmt.Fprintf(&b, "recall@%d of %v: %v\n", k, recall, err)
			}
		}
	}
	if d.LearnInBase > 0 {
		fmt.Fprintf(&b, "%d learn queries are base vectors and were left out\n", d.LearnInBase)
	}
	return b.String()
}
