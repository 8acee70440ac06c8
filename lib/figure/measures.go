package figure

import "anncapacity/lib/study"

// measure is a quantity of a record that figures draw. Only the measures in this file read a record's values.
type measure struct {
	column string // in the CSV beside a figure
	label  string // of its panel
	unit   string // empty for a share, a dimension or a distance among embeddings
	of     func(r study.Record) float64
}

// title is the label with the unit: "distance error, %".
func (m measure) title() string {
	if m.unit == "" {
		return m.label
	}
	return m.label + ", " + m.unit
}

// The measures in the corrected definitions.
var (
	overlap         = measure{"overlap", "neighbourhood overlap", "", func(r study.Record) float64 { return r.Overlap }}
	emptyShare      = measure{"empty_share", "share of queries with an empty slot", "", func(r study.Record) float64 { return r.EmptyShare }}
	distanceANN     = measure{"distance_ann", "mean distance of neighbours", "", func(r study.Record) float64 { return r.DistanceANN }}
	distanceExact   = measure{"distance_exact", "mean distance of neighbours", "", func(r study.Record) float64 { return r.DistanceExact }}
	distanceError   = measure{"distance_error_percent", "distance error", "%", func(r study.Record) float64 { return 100 * (r.DistanceRatio - 1) }}
	barycenterShift = measure{"barycenter_shift", "barycentre shift", "radii", func(r study.Record) float64 { return r.BarycenterShift }}
	lidANN          = measure{"lid_ann", "local intrinsic dimension", "", func(r study.Record) float64 { return r.LIDANN }}
	lidExact        = measure{"lid_exact", "local intrinsic dimension", "", func(r study.Record) float64 { return r.LIDExact }}
	lidRatio        = measure{"lid_ratio", "dimension suggested over the exact neighbours'", "%", func(r study.Record) float64 { return 100 * r.LIDANN / r.LIDExact }}
)

// The measures as the paper's code computed them.
var (
	publishedDistanceExact   = measure{"published_distance_exact", "mean squared distance, exact", "", func(r study.Record) float64 { return r.PublishedDistanceExact }}
	publishedDistanceRatio   = measure{"published_distance_ratio", "squared distance over exact", "", func(r study.Record) float64 { return r.PublishedDistanceANN / r.PublishedDistanceExact }}
	publishedBarycenterShift = measure{"published_barycenter_shift", "barycentre shift / squared distance", "", func(r study.Record) float64 { return r.PublishedBarycenterShift }}
	publishedLIDANN          = measure{"published_lid_ann", "LID on squared distances", "", func(r study.Record) float64 { return r.PublishedLIDANN }}
)

// percent is a share in percent.
func percent(m measure) measure {
	return measure{m.column, m.label, "%", func(r study.Record) float64 { return 100 * m.of(r) }}
}
