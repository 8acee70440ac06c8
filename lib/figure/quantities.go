package figure

import (
	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// quantity is a number of a record that figures draw.
type quantity struct {
	column string // in the CSV beside a figure
	label  string // of its panel
	unit   string // empty for a number without one, and for lengths of the embeddings
	of     func(r study.Record) float64
}

// title returns the label and, behind a comma, the unit.
func (q quantity) title() string { return fidelity.Measure{Label: q.label, Unit: q.unit}.Title() }

// ofAnswers and ofExact return the mean of a measure over queries: of the answers, and of the exact lists.
func ofAnswers(m fidelity.Measure) quantity {
	return quantity{m.Mean.String(), m.Label, m.Unit, of(m.Mean)}
}
func ofExact(m fidelity.Measure) quantity {
	return quantity{m.ExactMean.String(), m.Label + ", exact", m.Unit, of(m.ExactMean)}
}

func of(c fidelity.Column) func(study.Record) float64 {
	return func(r study.Record) float64 { return r.Of(c) }
}

// The quantities in the corrected definitions.
var (
	overlap         = ofAnswers(fidelity.Overlap)
	emptyShare      = ofAnswers(fidelity.EmptyShare)
	distanceANN     = ofAnswers(fidelity.Distance)
	distanceExact   = ofExact(fidelity.Distance)
	distanceError   = quantity{"distance_error_percent", "distance error", "%", func(r study.Record) float64 { return 100 * (r.Of(fidelity.DistanceRatio.Mean) - 1) }}
	barycenterShift = ofAnswers(fidelity.BarycenterShift)
	lidANN          = ofAnswers(fidelity.LID)
	lidExact        = ofExact(fidelity.LID)
	lidRatio        = quantity{"lid_ratio", "dimension suggested over the exact neighbours'", "%",
		func(r study.Record) float64 { return 100 * r.Of(fidelity.LID.Mean) / r.Of(fidelity.LID.ExactMean) }}
)

// The quantities as the paper's code computed them.
var (
	publishedDistanceExact = ofExact(fidelity.PublishedDistance)
	publishedDistanceRatio = quantity{"published_distance_ratio", "squared distance over exact", "", func(r study.Record) float64 {
		return r.Of(fidelity.PublishedDistance.Mean) / r.Of(fidelity.PublishedDistance.ExactMean)
	}}
	publishedBarycenterShift = ofAnswers(fidelity.PublishedBarycenterShift)
	publishedLIDANN          = ofAnswers(fidelity.PublishedLID)
)

// percent returns a share in percent.
func percent(q quantity) quantity {
	return quantity{q.column, q.label, "%", func(r study.Record) float64 { return 100 * q.of(r) }}
}
