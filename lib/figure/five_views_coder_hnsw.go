package figure

import "anncapacity/lib/study"

var fiveViewsCoderHNSW = Entry{
	Name:     "FiveViewsCoderHNSW",
	From:     study.RecordsFile,
	Shows:    "The same for coder/hnsw, as released.",
	Draw:     func(r *Results, about Subject) (*Figure, error) { return FiveViewsCoderHNSW(r.Records, about) },
	findings: viewsOfCoderHNSW.findings,
}

var viewsOfCoderHNSW = fiveViewsOf{"FiveViewsCoderHNSW", "Condition 1 on " + label(coder.Key), 1, coder.Key}

// FiveViewsCoderHNSW draws the paper's five views of condition 1 on coder/hnsw, one line for each efSearch.
func FiveViewsCoderHNSW(records []study.Record, about Subject) (*Figure, error) {
	return viewsOfCoderHNSW.draw(records, about)
}
