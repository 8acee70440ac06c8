package figure

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Entry describes one figure of the study. It is declared in the figure's file.
type Entry struct {
	Name        string // name of the function and of the files
	From        string // the files of records that it is drawn from
	Shows       string // what it shows, without results; see Caption
	Draw        func(r *Results, about Subject) (*Figure, error)
	unavailable func(r *Results) string            // returns why it cannot be drawn from the results, "" if it can; may be nil
	findings    func(r *Results) ([]string, error) // returns the results in sentences; may be nil
}

// Catalogue lists all figures that are drawn from the records of a study, in the order of the notebooks.
var Catalogue = []Entry{
	overlapFixedEffort,
	overlapCollapse,
	fiveViewsFixedEffort,
	fiveViewsCoderHNSW,
	fiveViewsIndexQuality,
	fiveViewsScaledEffort,
	publishedFixedEffort,
	publishedIndexQuality,
	publishedScaledEffort,
	overlapSurface,
	capacities,
	predictedFailure,
	hardFailure,
	policies,
	construction,
	hubness,
	enginePolicies,
	recallSpeed,
	recallSpeedCosine,
	engineFilters,
	engineFiltersCorrelated,
	treeOnWords,
	bulkSearch,
	growthCurves,
	storageMemory,
	storageRecall,
	storageLearn,
	storageDuplication,
	storageStop,
	storageDisk,
	filterCapacity,
	shardingOverlap,
	shardingPrediction,
	shardingPrice,
	shardingPartitions,
}

// missing returns why the entry cannot be drawn from the results, "" if they suffice.
func (e Entry) missing(r *Results) string {
	if e.unavailable == nil {
		return ""
	}
	return e.unavailable(r)
}

// said returns the findings in sentences, none if there are no records for them.
func (e Entry) said(r *Results) ([]string, error) {
	if e.findings == nil {
		return nil, nil
	}
	said, err := e.findings(r)
	if errors.Is(err, errNoRecords) {
		return nil, nil
	}
	return said, err
}

// Caption returns Shows followed by the findings, whose numbers are computed from the results.
func (e Entry) Caption(r *Results) (string, error) {
	said, err := e.said(r)
	return strings.Join(append([]string{e.Shows}, said...), " "), err
}

// Drawn is a figure that was drawn for an entry, with its findings.
type Drawn struct {
	Figure   *Figure // nil if it was not drawn
	Findings []string
	Missing  string // why it was not drawn
}

// DrawnOf draws the entry of the catalogue with a name, or says why the results do not suffice.
func DrawnOf(name string, r *Results, about Subject) (Drawn, error) {
	i := slices.IndexFunc(Catalogue, func(e Entry) bool { return e.Name == name })
	if i < 0 {
		return Drawn{}, fmt.Errorf("figure: there is none with the name %q", name)
	}
	return Catalogue[i].drawn(r, about)
}

// drawn draws the entry, or says why the results do not suffice.
func (e Entry) drawn(r *Results, about Subject) (Drawn, error) {
	if why := e.missing(r); why != "" {
		return Drawn{Missing: why}, nil
	}
	f, err := e.Draw(r, about)
	if errors.Is(err, errNoRecords) {
		return Drawn{Missing: strings.TrimPrefix(err.Error(), "figure: ")}, nil
	}
	if err != nil {
		return Drawn{}, fmt.Errorf("%s: %w", e.Name, err)
	}
	said, err := e.said(r)
	return Drawn{Figure: f, Findings: said}, err
}
