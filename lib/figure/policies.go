package figure

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
	"anncapacity/lib/hnsw"
)

// engines do what a policy says, as released when this was written (hnsw.Policy).
var engines = map[string]string{
	hnsw.Pad.String():      "FAISS IndexHNSWFlat",
	hnsw.Raise.String():    "hnswlib, usearch, DuckDB vss, Qdrant, Weaviate, Vespa",
	hnsw.Truncate.String(): "pgvector",
	hnsw.Reject.String():   "Milvus, Elasticsearch: an error",
}

// Policies draws overlap and fill against k for the four things that engines do when k exceeds efSearch, on one index.
func Policies(rows []capacity.PolicyRow, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, errors.New("figure: no policies")
	}
	overlap, fill := newKPanel("a   neighbourhood overlap"), newKPanel("b   share of the k slots that are filled")
	legend := newBlock(fmt.Sprintf("HNSW (this project), run 0, efSearch %d", rows[0].EfSearch))
	data := [][]string{row("policy", "ef_search", "k", "overlap", "fill")}
	for i, group := range groupBy(rows, func(r capacity.PolicyRow) string { return r.Policy }) {
		var a, b plotter.XYs
		for _, r := range group {
			a = append(a, plotter.XY{X: float64(r.K), Y: r.Overlap})
			b = append(b, plotter.XY{X: float64(r.K), Y: r.Fill})
			data = append(data, row(r.Policy, r.EfSearch, r.K, r.Overlap, r.Fill))
		}
		thumbs := overlap.addLine(a, styleAt(i), 10)
		fill.addLine(b, styleAt(i), 10)
		legend.add(fmt.Sprintf("%s (%s)", group[0].Policy, engines[group[0].Policy]), thumbs...)
	}
	overlap.Y.Min, overlap.Y.Max, fill.Y.Min, fill.Y.Max = 0, 1, 0, 1
	return (&plate{
		name: "Policies", title: "What engines return when k exceeds efSearch\n" + about.withRuns(1), width: DoubleColumn, height: 2.3 * vg.Inch,
		panels: [][]panel{{overlap, fill}}, legends: []*block{legend}, data: data,
	}).figure(), nil
}
