package figure

import (
	"errors"
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
	treeOnWords,
	bulkSearch,
	storageMemory,
	storageRecall,
	storageLearn,
	storageDuplication,
	storageStop,
	storageDisk,
}

// missing returns why the entry cannot be drawn from the results, "" if it can.
func (e Entry) missing(r *Results) string {
	if e.unavailable == nil {
		return ""
	}
	return e.unavailable(r)
}

// Caption returns Shows followed by the findings, whose numbers are computed from the results.
func (e Entry) Caption(r *Results) (string, error) {
	if e.findings == nil {
		return e.Shows, nil
	}
	said, err := e.findings(r)
	if errors.Is(err, errNoRecords) {
		return e.Shows, nil
	}
	return strings.Join(append([]string{e.Shows}, said...), " "), err
}
