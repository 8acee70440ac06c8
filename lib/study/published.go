package study

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"

	"anncapacity/lib/internal/table"
)

// PublishedRow is what the authors of the study measured at one setting and k, on STL-10 and ResNet-50: means over
// their ten runs, and standard deviations between runs (n − 1). Measures are those of fidelity/published.go.
//
// Source: Cooper & Busch, "Capacity-Limited Failure in Approximate Nearest Neighbors Search on Image Embedding Spaces",
// J. Imaging 2026, 12(2):55, doi:10.3390/jimaging12020055; raw results in the authors' public repository. The file
// published.csv is computed from them by `go test ./lib/study -run TestPublishedFile -update`.
type PublishedRow struct {
	Condition int     `csv:"condition"` // 1, 2 or 3; 3 ran on efConstruction 400 (AsPublished)
	Parameter string  `csv:"parameter"`
	Value     float64 `csv:"value"`
	K         int     `csv:"k"`
	Runs      int     `csv:"runs"`

	Overlap           float64 `csv:"overlap"` // 0…1
	OverlapSD         float64 `csv:"overlap_sd"`
	DistanceExact     float64 `csv:"distance_exact"` // squared L2; without the queries that distance_ann drops
	DistanceExactSD   float64 `csv:"distance_exact_sd"`
	DistanceANN       float64 `csv:"distance_ann"` // squared L2; up to 1e34 where an empty slot was averaged
	DistanceANNSD     float64 `csv:"distance_ann_sd"`
	BarycenterShift   float64 `csv:"barycenter_shift"` // 1/length
	BarycenterShiftSD float64 `csv:"barycenter_shift_sd"`
	LIDExact          float64 `csv:"lid_exact"` // on squared distances
	LIDExactSD        float64 `csv:"lid_exact_sd"`
	LIDANN            float64 `csv:"lid_ann"`
	LIDANNSD          float64 `csv:"lid_ann_sd"`

	// OneEmptySlot is what DistanceANN says of empty slots: DistanceANN · k · 10000 / 3.4028235e38, the queries with
	// exactly one of them, per 10,000 queries with none or one. Those with more were dropped by the authors; as long
	// as there are few it is a count in 10,000.
	OneEmptySlot float64 `csv:"one_empty_slot"`

	// FailedRuns are the runs in which some query had an empty slot: DistanceANN shows it, or DistanceExact differs
	// from that of alpha = 4 in the same run at the same k, for a query was dropped.
	FailedRuns int `csv:"failed_runs"`
}

//go:embed published.csv
var publishedCSV string

var published = sync.OnceValue(func() []PublishedRow {
	rows, err := parsePublished(publishedCSV)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return rows
})

// Published is every row: condition, value and k ascending.
func Published() []PublishedRow { return slices.Clone(published()) }

// PublishedAt is the row of one setting and k; ok is false where the authors have none.
func PublishedAt(condition int, value float64, k int) (row PublishedRow, ok bool) {
	at := slices.IndexFunc(published(), func(r PublishedRow) bool {
		return r.Condition == condition && r.Value == value && r.K == k
	})
	if at < 0 {
		return PublishedRow{}, false
	}
	return published()[at], true
}

func parsePublished(text string) ([]PublishedRow, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment = '#'
	lines, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("published.csv: %w", err)
	}
	rows, err := table.Parse[PublishedRow](lines)
	if err != nil {
		return nil, fmt.Errorf("published.csv: %w", err)
	}
	return rows, nil
}
