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

// PublishedRow holds the results of the study's authors at one setting and k, on STL-10 and ResNet-50: means over their ten
// runs, and standard deviations between runs (n − 1). The measures are those of fidelity/published.go.
//
// Source: Cooper & Busch, "Capacity-Limited Failure in Approximate Nearest Neighbors Search on Image Embedding Spaces",
// J. Imaging 2026, 12(2):55, doi:10.3390/jimaging12020055; raw results in the authors' public repository. The file
// published.csv is computed from them by `go test ./lib/study -run TestPublishedFile -update`.
type PublishedRow struct {
	Condition int     `csv:"condition"` // 1, 2 or 3; condition 3 used efConstruction 400 (AsPublished)
	Parameter string  `csv:"parameter"`
	Value     float64 `csv:"value"`
	K         int     `csv:"k"`
	Runs      int     `csv:"runs"`

	Overlap           float64 `csv:"overlap"` // 0…1
	OverlapSD         float64 `csv:"overlap_sd"`
	DistanceExact     float64 `csv:"distance_exact"` // squared L2; excludes the queries that distance_ann drops
	DistanceExactSD   float64 `csv:"distance_exact_sd"`
	DistanceANN       float64 `csv:"distance_ann"` // squared L2; up to 1e34 if the mean includes an empty slot
	DistanceANNSD     float64 `csv:"distance_ann_sd"`
	BarycenterShift   float64 `csv:"barycenter_shift"` // 1/length
	BarycenterShiftSD float64 `csv:"barycenter_shift_sd"`
	LIDExact          float64 `csv:"lid_exact"` // on squared distances
	LIDExactSD        float64 `csv:"lid_exact_sd"`
	LIDANN            float64 `csv:"lid_ann"`
	LIDANNSD          float64 `csv:"lid_ann_sd"`

	// OneEmptySlot is the number of queries with exactly one empty slot per 10,000 queries with none or one, computed
	// from DistanceANN: DistanceANN · k · 10000 / 3.4028235e38. The authors dropped the queries with more empty slots;
	// if these are few, OneEmptySlot is about the count among 10,000 queries.
	OneEmptySlot float64 `csv:"one_empty_slot"`

	// FailedRuns is the number of runs in which some query had an empty slot. In these runs DistanceANN includes an empty
	// slot, or DistanceExact differs from that of alpha = 4 in the same run at the same k, because a query was dropped.
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

// Published returns all rows, in ascending order of condition, value and k.
func Published() []PublishedRow { return slices.Clone(published()) }

// PublishedAt returns the row of one setting and k; ok is false if the authors published none.
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
