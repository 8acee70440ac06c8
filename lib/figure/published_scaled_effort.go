package figure

import "anncapacity/lib/study"

var publishedScaledEffort = Entry{
	Name:  "PublishedScaledEffort",
	From:  study.AsPublishedFile,
	Shows: "The same for condition 3, on an index of the authors' efConstruction.",
	Draw:  func(r *Results, about Subject) (*Figure, error) { return PublishedScaledEffort(r.AsPublished, about) },
	lacks: func(r *Results) string {
		return unless(r.AsPublished != nil, "condition "+study.AsPublished+" was not run")
	},
	tells: func(r *Results) ([]string, error) { return publishedFindings(r.AsPublished, 3) },
}

// PublishedScaledEffort lays the authors' numbers for condition 3 under ours, both in the paper's definitions, with the records of
// study.AsPublishedFile: the authors' index had efConstruction 400.
func PublishedScaledEffort(asPublished []study.Record, about Subject) (*Figure, error) {
	return besidePublished{"PublishedScaledEffort", "Condition 3 as published: efSearch = alpha · k, efConstruction 400", 3}.draw(asPublished, about)
}
