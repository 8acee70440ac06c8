package figure

import (
	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// quantity is a number that figures draw, computed from a record.
type quantity struct {
	column string // its column in the table of a figure
	label  string // the title of its panel
	unit   string // "" for a number without a unit and for lengths of embeddings
	of     func(r study.Record) float64
}

// title returns the label, followed by a comma and the unit if there is one.
func (q quantity) title() string { return fidelity.Measure{Label: q.label, Unit: q.unit}.Title() }

// ofAnswers returns the mean of a measure of the answers over the queries.
func ofAnswers(m fidelity.Measure) quantity {
	return quantity{m.Mean.String(), m.Label, m.Unit, of(m.Mean)}
}

// ofExact returns the mean of a measure of the exact neighbours over the queries.
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

// The quantities as computed by the paper's code.
var (
	publishedDistanceExact = ofExact(fidelity.PublishedDistance)
	publishedDistanceRatio = quantity{"published_distance_ratio", "squared distance over exact", "", func(r study.Record) float64 {
		return r.Of(fidelity.PublishedDistance.Mean) / r.Of(fidelity.PublishedDistance.ExactMean)
	}}
	publishedBarycenterShift = ofAnswers(fidelity.PublishedBarycenterShift)
	publishedLIDANN          = ofAnswers(fidelity.PublishedLID)
)

// percent returns the quantity of a share in percent.
func percent(q quantity) quantity {
	return quantity{q.column, q.label, "%", func(r study.Record) float64 { return 100 * q.of(r) }}
}
