package figure

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/plate"
)

var policies = Entry{
	Name:        "Policies",
	From:        "policies.csv",
	Shows:       "Overlap and fill against k under the four policies of engines when k exceeds efSearch.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return Policies(r.Capacity.Policies, about) },
	unavailable: withoutTables,
	findings:    func(r *Results) ([]string, error) { return policyFindings(r.Capacity.Policies) },
}

// enginesOf names some of the engines of each hnsw.Policy, by the policy's name: those that were asked, see docs/engines.md, and,
// after "documented:", some whose policy is that of their documentation.
var enginesOf = map[string]string{
	hnsw.Pad.String():      "FAISS IndexHNSWFlat, Milvus Lite",
	hnsw.Raise.String():    "hnswlib, usearch, DuckDB, Qdrant, Redis, Weaviate; documented: Vespa",
	hnsw.Truncate.String(): "pgvector, Lucene",
	hnsw.Reject.String():   "an error: Milvus, JVector, LanceDB; documented: Elasticsearch",
}

// Policies draws overlap and fill against k under the four policies for k > efSearch, on one index.
func Policies(rows []capacity.PolicyRow, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, errors.New("figure: no policies")
	}
	overlaps, fill := newKPanel(plate.Letter(0, overlap.title())), newKPanel(plate.Letter(1, "share of the k slots that are filled"))
	legend := plate.NewLegend(fmt.Sprintf("HNSW (this project), run 0, efSearch %d", rows[0].EfSearch))
	data := [][]string{row("policy", "ef_search", "k", "overlap", "fill")}
	for i, group := range groupBy(rows, func(r capacity.PolicyRow) string { return r.Policy }) {
		var a, b plotter.XYs
		for _, r := range group {
			a = append(a, plotter.XY{X: float64(r.K), Y: r.Overlap})
			b = append(b, plotter.XY{X: float64(r.K), Y: r.Fill})
			data = append(data, row(r.Policy, r.EfSearch, r.K, r.Overlap, r.Fill))
		}
		thumbs := overlaps.Line(a, plate.Shade(i), plate.Every(10, a))
		fill.Line(b, plate.Shade(i), plate.Every(10, b))
		legend.Add(fmt.Sprintf("%s (%s)", group[0].Policy, enginesOf[group[0].Policy]), thumbs...)
	}
	overlaps.Y.Min, overlaps.Y.Max, fill.Y.Min, fill.Y.Max = 0, 1, 0, 1
	return newFigure("Policies", &plate.Plate{
		Title: "What engines return when k exceeds efSearch\n" + about.withRuns(1), Width: plate.DoubleColumn, Height: 2.3 * vg.Inch,
		Panels: []plate.Panel{overlaps, fill}, Legends: []*plate.Legend{legend},
	}, data), nil
}

func policyFindings(rows []capacity.PolicyRow) ([]string, error) {
	k, last := atLargest(rows, func(r capacity.PolicyRow) int { return r.K })
	return []string{fmt.Sprintf("At k = %d and efSearch %d the overlap is %s, and the share of slots that are filled is %s.", k, last[0].EfSearch,
		inTurn(last, "", func(r capacity.PolicyRow) (string, any) { return shareOf(r.Overlap), r.Policy }),
		inTurn(last, "", func(r capacity.PolicyRow) (string, any) { return shareOf(r.Fill), r.Policy }))}, nil
}
