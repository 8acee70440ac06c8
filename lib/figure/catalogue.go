package figure

import (
	"errors"
	"strings"
)

// Entry is one figure of the study: what it is drawn from, and what it shows. It is declared in the figure's file.
type Entry struct {
	Name  string // of the function and of the files
	From  string // the file of records that it is drawn from
	Shows string // without numbers: those are in Caption
	Draw  func(r *Results, about Subject) (*Figure, error)
	lacks func(r *Results) string            // why it cannot be drawn from the results, or empty; nil means that Draw says
	tells func(r *Results) ([]string, error) // what the results say there, in sentences; nil means nothing
}

// Catalogue is every figure that is drawn from the records of a study, in the order of the notebooks.
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
}

// missing is why the entry cannot be drawn from the results, or empty.
func (e Entry) missing(r *Results) string {
	if e.lacks == nil {
		return ""
	}
	return e.lacks(r)
}

// Caption is what the entry shows, then what the results say there: every number in it is computed from them.
func (e Entry) Caption(r *Results) (string, error) {
	if e.tells == nil {
		return e.Shows, nil
	}
	said, err := e.tells(r)
	if errors.Is(err, errNoRecords) {
		return e.Shows, nil
	}
	return strings.Join(append([]string{e.Shows}, said...), " "), err
}
