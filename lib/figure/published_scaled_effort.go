package figure

import "anncapacity/lib/study"

var publishedScaledEffort = Entry{
	Name:  "PublishedScaledEffort",
	From:  study.AsPublishedFile,
	Shows: "The same for condition 3, on an index with the authors' efConstruction.",
	Draw:  func(r *Results, about Subject) (*Figure, error) { return PublishedScaledEffort(r.AsPublished, about) },
	unavailable: func(r *Results) string {
		return unless(r.AsPublished != nil, "condition "+study.AsPublished+" was not run")
	},
	findings: func(r *Results) ([]string, error) { return publishedFindings(r.AsPublished, 3) },
}

// PublishedScaledEffort draws condition 3 with the authors' numbers, both in the paper's definitions. The records are those of
// study.AsPublishedFile, whose index has efConstruction 400 as the authors' index had.
func PublishedScaledEffort(asPublished []study.Record, about Subject) (*Figure, error) {
	return besidePublished{"PublishedScaledEffort", "Condition 3 as published: efSearch = alpha · k, efConstruction 400", 3}.draw(asPublished, about)
}
