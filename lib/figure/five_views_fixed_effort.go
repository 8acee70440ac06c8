package figure

import "anncapacity/lib/study"

var fiveViewsFixedEffort = Entry{
	Name: "FiveViewsFixedEffort",
	From: study.RecordsFile,
	Shows: "Condition 1, efSearch varies, in the paper's five views: (a) overlap; (b) mean distance of the neighbours found and of the exact neighbours; " +
		"(c) its excess over the exact mean of as many ranks; (d) distance of the barycentres in root-mean-square radii of the exact neighbourhood; " +
		"(e) LID, maximum likelihood at k, of both.",
	Draw:     func(r *Results, about Subject) (*Figure, error) { return FiveViewsFixedEffort(r.Records, about) },
	findings: viewsOfFixedEffort.findings,
}

var viewsOfFixedEffort = fiveViewsOf{"FiveViewsFixedEffort", "Condition 1: fixed efSearch", 1, study.IndexHNSW}

// FiveViewsFixedEffort draws the paper's five views of condition 1 on the project's index, one line for each efSearch.
func FiveViewsFixedEffort(records []study.Record, about Subject) (*Figure, error) {
	return viewsOfFixedEffort.draw(records, about)
}
