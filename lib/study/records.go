package study

import (
	"path/filepath"

	"anncapacity/lib/internal/table"

	"github.com/go-gota/gota/dataframe"
)

// Record is one row of records.csv: what one (index, run, condition, value, k) measured, averaged over its queries.
type Record struct {
	Index     string  `csv:"index"`     // the searcher: IndexHNSW or IndexCoderHNSW
	Run       int     `csv:"run"`       // 0 … runs−1
	Seed      uint64  `csv:"seed"`      // FirstSeed + Run: draws the subset and builds the index
	Condition int     `csv:"condition"` // Condition.Number
	Parameter string  `csv:"parameter"` // Condition.Parameter
	Value     float64 `csv:"value"`     // the setting of Parameter
	K         int     `csv:"k"`         // neighbours asked, the query itself left out
	EfSearch  int     `csv:"ef_search"`

	// Means over the queries, the query itself left out of both lists; package fidelity has the definitions.
	Overlap         float64 `csv:"overlap"`          // |exact ∩ approximate| / k, 0 … 1
	Fill            float64 `csv:"fill"`             // |approximate| / k, 0 … 1
	EmptyShare      float64 `csv:"empty_share"`      // share of queries with at least one empty slot, 0 … 1
	DistanceExact   float64 `csv:"distance_exact"`   // mean L2 distance to the exact neighbours
	DistanceANN     float64 `csv:"distance_ann"`     // … and to those found, empty slots left out
	DistanceRatio   float64 `csv:"distance_ratio"`   // approximate to exact over the same number of ranks, ≥ 1
	RadiusRatio     float64 `csv:"radius_ratio"`     // the same of the last distances
	BarycenterShift float64 `csv:"barycenter_shift"` // in root-mean-square radii of the exact neighbourhood

	// Local intrinsic dimension: maximum likelihood at k (mean and harmonic mean) and at k₀ = 20 and 100 (NaN for a
	// smaller k), and the method of moments at k.
	LIDExact         float64 `csv:"lid_exact"`
	LIDANN           float64 `csv:"lid_ann"`
	LIDExactHarmonic float64 `csv:"lid_exact_harmonic"`
	LIDANNHarmonic   float64 `csv:"lid_ann_harmonic"`
	LID20Exact       float64 `csv:"lid20_exact"`
	LID20ANN         float64 `csv:"lid20_ann"`
	LID100Exact      float64 `csv:"lid100_exact"`
	LID100ANN        float64 `csv:"lid100_ann"`
	LIDMomentsExact  float64 `csv:"lid_moments_exact"`
	LIDMomentsANN    float64 `csv:"lid_moments_ann"`

	// The tail over queries. Capacity is the number of nodes visited, the query left out; for coder/hnsw, which does
	// not say, it is the length of its answer.
	OverlapMedian  float64 `csv:"overlap_median"`
	OverlapP01     float64 `csv:"overlap_p01"`
	OverlapP001    float64 `csv:"overlap_p001"`
	OverlapMin     float64 `csv:"overlap_min"`
	CapacityMedian float64 `csv:"capacity_median"`
	CapacityP01    float64 `csv:"capacity_p01"`
	CapacityP001   float64 `csv:"capacity_p001"`
	CapacityMin    float64 `csv:"capacity_min"`

	// As the paper's code computed them, for the comparison with its numbers alone (fidelity/published.go).
	PublishedDistanceExact   float64 `csv:"published_distance_exact"`
	PublishedDistanceANN     float64 `csv:"published_distance_ann"`
	PublishedBarycenterShift float64 `csv:"published_barycenter_shift"`
	PublishedLIDExact        float64 `csv:"published_lid_exact"`
	PublishedLIDANN          float64 `csv:"published_lid_ann"`

	EfConstruction int `csv:"ef_construction"`
	Queries        int `csv:"queries"` // how many the means are over
}

// The indexes that the study compares, as records name them.
const (
	IndexHNSW      = "hnsw"      // lib/hnsw
	IndexCoderHNSW = "coderhnsw" // github.com/coder/hnsw v0.6.1
)

// DataFrame is the records as a table of numbers and words, to be filtered, grouped and shown.
func DataFrame(records []Record) dataframe.DataFrame { return table.Frame(records) }

// WriteRecords stores records as CSV, the whole file or nothing.
func WriteRecords(path string, records []Record) error { return table.WriteRows(path, records) }

// ReadRecords reads what WriteRecords wrote. A file with other columns, or with a number that does not parse, is an
// error that names file, line and column.
func ReadRecords(path string) ([]Record, error) { return table.ReadRows[Record](path) }

// Tables are the tables that Run writes in a folder, without rows.
func Tables(dir string) []table.Table {
	return []table.Table{table.New[Record](filepath.Join(dir, RecordsFile), nil), table.New[Record](filepath.Join(dir, AsPublishedFile), nil)}
}
