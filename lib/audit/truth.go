package audit

import (
	"context"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/progress"
)

// findTruth computes the exact neighbours of each query among the vectors that are not marked as deleted.
func (p *problem) findTruth(ctx context.Context) (err error) {
	bar := progress.New(p.Progress, "exact neighbours", 1000, "")
	defer bar.Stop()
	p.truth, err = p.exactAmong(ctx, p.live, p.depth, bar.SetShare)
	if err != nil {
		return err
	}
	p.limit = p.limits(p.truth)
	return nil
}

// limits returns, for each query and k, the largest distance of the first k nodes of its list.
func (p *problem) limits(lists [][]int32) [][]float32 {
	limits := make([][]float32, len(lists))
	for q, nodes := range lists {
		limits[q] = make([]float32, len(nodes))
		for i, node := range nodes {
			d := p.distance(q, node)
			if i > 0 {
				d = max(d, limits[q][i-1])
			}
			limits[q][i] = d
		}
	}
	return limits
}

// distance returns the distance between a query and the base vector of a node.
func (p *problem) distance(q int, node int32) float32 {
	return p.Index.Metric.Distance(p.asked.Row(q), p.base.Row(int(p.rowOf(node))))
}

// exactAmong returns the exact k neighbours of each query among the given nodes, or all of them if there are fewer.
func (p *problem) exactAmong(ctx context.Context, nodes []int32, k int, report func(share float64)) ([][]int32, error) {
	vectors, err := p.vectorsOf(nodes)
	if err != nil {
		return nil, err
	}
	index, err := exact.NewMetric(vectors, p.Index.Metric)
	if err != nil {
		return nil, err
	}
	index.Progress = report
	lists, err := index.SearchBatch(ctx, p.asked, min(p.asks(k), len(nodes)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.baseName(), err)
	}
	found := make([][]int32, len(lists))
	for q, list := range lists {
		for _, n := range list {
			if node := nodes[n.ID]; node != p.self[q] && len(found[q]) < k {
				found[q] = append(found[q], node)
			}
		}
	}
	return found, nil
}

// vectorsOf returns the base vectors of nodes.
func (p *problem) vectorsOf(nodes []int32) (ann.Vectors, error) {
	rows := make([]int32, len(nodes))
	identity := len(nodes) == p.base.N
	for i, node := range nodes {
		rows[i] = p.rowOf(node)
		identity = identity && int(rows[i]) == i
	}
	if identity {
		return p.base, nil
	}
	return p.base.Subset(rows)
}

// largestEffort returns the largest of the values of efSearch with which the library searches for the given questions.
func (p *problem) largestEffort() int { return p.effort(slices.Max(p.K), slices.Max(p.EfSearch)) }
