package audit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"anncapacity/lib/internal/progress"
	"anncapacity/lib/report"
)

// labelled is a label, and what a filter for it leaves of the answers.
type labelled struct {
	label int64
	has   []bool  // by node: whether it has the label and is not marked as deleted
	nodes []int32 // that have it, ascending
	limit [][]float32
	sums  []count // by k and efSearch, over the queries
}

// count sums the answers to filtered questions. Queries that have the label themselves have one possible answer less; they are
// counted in the second entry of each pair.
type count struct{ near, length, queries [2]int64 }

// chooseLabels sets the labels to report.
func (p *problem) chooseLabels() error {
	if p.Labels == nil {
		return nil
	}
	rows, err := p.rows(len(p.Labels), p.LabelsName)
	if err != nil {
		return err
	}
	nodes := map[int64][]int32{}
	for _, node := range p.live {
		row := node
		if rows != nil {
			row = rows[node]
		}
		nodes[p.Labels[row]] = append(nodes[p.Labels[row]], node)
	}
	chosen := p.Label
	if len(chosen) == 0 {
		chosen = slices.SortedFunc(maps.Keys(nodes), func(a, b int64) int {
			return cmp.Or(len(nodes[b])-len(nodes[a]), cmp.Compare(a, b))
		})
		chosen = chosen[:min(len(chosen), MostLabels)]
	}
	for _, label := range slices.Compact(slices.Sorted(slices.Values(chosen))) {
		l := &labelled{label: label, nodes: nodes[label], has: make([]bool, p.Index.Len())}
		l.sums = make([]count, len(p.K)*len(p.EfSearch))
		if len(l.nodes) < 2 {
			return fmt.Errorf("%s: label %d: %d vectors in use have it; at least 2 are needed", p.LabelsName, label, len(l.nodes))
		}
		for _, node := range l.nodes {
			l.has[node] = true
		}
		p.labels = append(p.labels, l)
	}
	return nil
}

// findLabelTruth computes, for each label and query, the distances of the exact neighbours with the label.
func (p *problem) findLabelTruth(ctx context.Context) error {
	bar := progress.New(p.Progress, "exact neighbours with each label", len(p.labels), "labels")
	defer bar.Stop()
	for _, l := range p.labels {
		lists, err := p.exactAmong(ctx, l.nodes, slices.Max(p.K), nil)
		if err != nil {
			return err
		}
		l.limit = p.limits(lists)
		bar.Add(1)
	}
	return nil
}

// possible returns the number of exact neighbours of a query for k neighbours with the label.
func (l *labelled) possible(k int, self bool) int {
	if self {
		return min(k, len(l.nodes)-1)
	}
	return min(k, len(l.nodes))
}

// countLabels counts the answers of the query after a filter for each label.
func (w *walker) countLabels() {
	if w.counts == nil {
		for _, l := range w.labels {
			w.counts = append(w.counts, make([]count, len(l.sums)))
		}
	}
	for i, l := range w.labels {
		w.ranks = w.ranks[:0]
		for rank, id := range w.ids {
			if l.has[id] {
				w.ranks = append(w.ranks, rank)
			}
		}
		clear(w.counts[i])
		self := 0
		if node := w.self[w.query]; node >= 0 && l.has[node] {
			self = 1
		}
		for j, k := range w.K {
			for e, ef := range w.EfSearch {
				w.counts[i][j*len(w.EfSearch)+e].add(w, l, k, w.effort(k, ef), self)
			}
		}
	}
}

// add counts the survivors of the filter: of the nodes that a search visits, the k nearest that have the label.
func (c *count) add(w *walker, l *labelled, k, effort, self int) {
	c.queries[self]++
	possible := l.possible(k, self == 1)
	limit := l.limit[w.query][possible-1]
	for _, rank := range w.ranks {
		if int(c.length[self]) == k {
			break
		}
		if int(w.efforts[rank]) > effort {
			continue
		}
		c.length[self]++
		if w.distanceAt(rank) <= limit {
			c.near[self]++
		}
	}
}

// addLabels adds the counts of a query to those of all.
func (w *walker) addLabels() {
	for i, l := range w.labels {
		for j, c := range w.counts[i] {
			for self := range 2 {
				l.sums[j].near[self] += c.near[self]
				l.sums[j].length[self] += c.length[self]
				l.sums[j].queries[self] += c.queries[self]
			}
		}
	}
}

// labelRows returns the rows of the report.
func (s *survey) labelRows() (rows []report.Label) {
	for _, l := range s.labels {
		for j, k := range s.K {
			for e, ef := range s.EfSearch {
				row := report.Label{Label: l.label, Matching: len(l.nodes),
					Selectivity: float64(len(l.nodes)) / float64(len(s.live)), K: k, EfSearch: ef}
				c := l.sums[j*len(s.EfSearch)+e]
				for self := range 2 {
					all := float64(l.possible(k, self == 1)) * float64(s.asked.N)
					row.Recall += float64(c.near[self]) / all
					row.Fill += float64(c.length[self]) / all
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// labelNotes says what the rows of the labels mean.
func (s *survey) labelNotes() (all []string) {
	if len(s.labels) == 0 {
		return nil
	}
	kinds := map[int64]bool{}
	for _, label := range s.Labels {
		kinds[label] = true
	}
	if len(s.labels) < len(kinds) {
		all = append(all, fmt.Sprintf("%d of %d labels of %s are reported.", len(s.labels), len(kinds), s.LabelsName))
	}
	all = append(all, "A filter for a label leaves, of the vectors that a search visits, the k nearest that have it; recall is relative to the exact neighbours with it. "+
		s.library().filter)
	return all
}
