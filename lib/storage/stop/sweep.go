package stop

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/walk"
)

// Effort is the mean result of all queries at one threshold of a rule.
type Effort struct {
	Threshold float64 `json:"threshold"`
	Recall    float64 `json:"recall"` // share of the true k nearest that were found, ties of the k-th included
	Units     float64 `json:"units"`
	Reads     float64 `json:"reads"`
	Vectors   float64 `json:"vectors"` // copies included
	Pages     float64 `json:"pages"`
}

// Setting is what Sweep evaluates: an order and a layout, for queries and their true neighbours.
type Setting struct {
	Order   order.Order
	Reader  walk.Counter
	K       int
	Queries ann.Coordinates
	Base    ann.Coordinates
	Truth   []ann.Neighbors // the k nearest base vectors of each query or more, ties by ID
	// Enough is a recall above which efforts are not needed, in a sweep of many queries. Zero means the highest that is reached.
	Enough float64
}

// Sweep returns, for each of the rules, the effort and the recall at every threshold, ascending. Each query is searched once: the
// result at a threshold is the state of the search when the confidence first reached it and k vectors were found. A search that
// reads every unit before counts as it then is. If there are many queries, thresholds far above those at which the first queries have
// found all their neighbours are left out.
func Sweep(ctx context.Context, s Setting, rules []Rule) ([][]Effort, error) {
	if s.Queries.N < 1 {
		return nil, errors.New("stop: there are no queries")
	}
	if len(s.Truth) != s.Queries.N {
		return nil, fmt.Errorf("stop: %d queries and the neighbours of %d", s.Queries.N, len(s.Truth))
	}
	for i, t := range s.Truth {
		if len(t) < s.K {
			return nil, fmt.Errorf("stop: query %d has %d true neighbours, fewer than k = %d", i, len(t), s.K)
		}
	}
	thresholds := make([][]float64, len(rules))
	for i, rule := range rules {
		thresholds[i] = rule.thresholds(s.Reader.Units())
	}
	if s.Queries.N < 4*sampled {
		return sweep(ctx, s, rules, thresholds)
	}
	sample := s
	sample.Queries = s.Queries.Slice(0, sampled)
	first, err := sweep(ctx, sample, rules, thresholds)
	if err != nil {
		return nil, err
	}
	for more := extra; ; more *= 4 {
		some := make([][]float64, len(rules))
		for i := range rules {
			some[i] = thresholds[i][:needed(first[i], s.Enough, more)]
		}
		efforts, err := sweep(ctx, s, rules, some)
		if err != nil || complete(efforts, first, s.Enough, thresholds) {
			return efforts, err
		}
	}
}

// complete reports whether the efforts of every rule have the recall of target, or are those of all thresholds.
func complete(efforts, first [][]Effort, enough float64, thresholds [][]float64) bool {
	for i, e := range efforts {
		if len(e) < len(thresholds[i]) && e[len(e)-1].Recall < target(first[i], enough) {
			return false
		}
	}
	return true
}

// sampled is the number of queries that determine the last threshold, and extra the number of thresholds beyond it: with those of counts
// half as many units again.
const (
	sampled = 512
	extra   = 8
)

// target returns the recall enough, or the highest of the efforts if that is lower or if enough is 0.
func target(efforts []Effort, enough float64) float64 {
	highest := efforts[len(efforts)-1].Recall
	if enough > 0 {
		return min(highest, enough)
	}
	return highest
}

// needed returns the number of thresholds up to the first with the recall of target, and some more.
func needed(efforts []Effort, enough float64, more int) int {
	recall := target(efforts, enough)
	at := slices.IndexFunc(efforts, func(e Effort) bool { return e.Recall >= recall })
	return min(len(efforts), at+1+more)
}

// sweep evaluates the given thresholds of each rule.
func sweep(ctx context.Context, s Setting, rules []Rule, thresholds [][]float64) ([][]Effort, error) {
	const block = 64 // queries whose sums are added in order, so that the result does not depend on the number of workers
	blocks := (s.Queries.N + block - 1) / block
	sums := make([][][]Effort, blocks)
	err := parallel.Each(ctx, blocks, func() (func(int) error, error) {
		w := sweeper{Setting: s, ctx: ctx, rules: rules, thresholds: thresholds, vector: make([]float32, s.Queries.D)}
		var err error
		if w.walk, err = walk.New(s.Order, s.Reader, s.Queries.D, s.K); err != nil {
			return nil, err
		}
		if w.truth, err = walk.NewScan(s.Queries.D, s.K); err != nil {
			return nil, err
		}
		return func(b int) error {
			for _, t := range thresholds {
				sums[b] = append(sums[b], make([]Effort, len(t)))
			}
			for q := b * block; q < min((b+1)*block, s.Queries.N); q++ {
				if err := w.query(q, sums[b]); err != nil {
					return err
				}
			}
			return nil
		}, nil
	})
	if err != nil {
		return nil, err
	}
	all := make([][]Effort, len(rules))
	for i := range rules {
		all[i] = mean(sums, i, thresholds[i], s.Queries.N)
	}
	return all, nil
}

// sweeper evaluates one query after another.
type sweeper struct {
	Setting
	ctx        context.Context
	rules      []Rule
	thresholds [][]float64 // of each rule
	walk       *walk.Walk
	truth      *walk.Scan // holds the true neighbours, with distances computed as those of the walk
	vector     []float32
	farthest   float64 // squared distance of the k-th true neighbour
	found      int     // number of true neighbours among the nearest so far
}

// query adds the result of query q at every threshold of every rule to sums.
func (w *sweeper) query(q int, sums [][]Effort) error {
	w.walk.Final = w.final
	query := ann.Query{Vector: w.Queries.Row(q, w.vector)}
	if err := w.truth.Reset(query); err != nil {
		return err
	}
	for _, n := range w.Truth[q][:w.K] {
		w.truth.AddRows(w.Base, []int32{n.ID})
	}
	w.farthest, w.found = w.truth.Bound(), 0
	next := make([]int, len(w.rules)) // first threshold of each rule that was not reached
	var last walk.State
	err := w.walk.Run(w.ctx, query, func(s *walk.State) bool {
		last = *s
		if w.walk.Nearest().Len() < w.K {
			return false
		}
		open := false
		for i, rule := range w.rules {
			if next[i] == len(w.thresholds[i]) {
				continue
			}
			confidence := rule.Confidence(s)
			for next[i] < len(w.thresholds[i]) && confidence >= w.thresholds[i][next[i]] {
				w.add(s, &sums[i][next[i]])
				next[i]++
			}
			open = open || next[i] < len(w.thresholds[i])
		}
		return !open
	})
	for i, n := range next {
		for ; n < len(w.thresholds[i]); n++ {
			w.add(&last, &sums[i][n])
		}
	}
	return err
}

func (w *sweeper) add(s *walk.State, sum *Effort) {
	sum.Recall += float64(w.found) / float64(w.K)
	sum.Units += float64(s.Units)
	sum.Reads += float64(s.Reads)
	sum.Vectors += float64(s.Vectors)
	sum.Pages += float64(s.Pages)
}

// final counts the true neighbours among the nearest, ties of the k-th included, and reports whether no vector can replace one of
// them.
func (w *sweeper) final(nearest *walk.Scan) bool {
	w.found = nearest.Within(w.farthest)
	return nearest.Same(w.truth)
}

// mean returns the sums of a rule over all blocks, divided by the number of queries.
func mean(sums [][][]Effort, rule int, thresholds []float64, queries int) []Effort {
	total := make([]Effort, len(thresholds))
	n := float64(queries)
	for i := range total {
		e := &total[i]
		for _, block := range sums {
			x := block[rule][i]
			e.Recall += x.Recall
			e.Units += x.Units
			e.Reads += x.Reads
			e.Vectors += x.Vectors
			e.Pages += x.Pages
		}
		*e = Effort{thresholds[i], e.Recall / n, e.Units / n, e.Reads / n, e.Vectors / n, e.Pages / n}
	}
	return total
}
