package figure

import "anncapacity/lib/study"

var publishedFixedEffort = Entry{
	Name: "PublishedFixedEffort",
	From: study.RecordsFile,
	Shows: "Condition 1 in the paper's own definitions, with the authors' numbers in grey. " +
		"Distances are squared, an empty slot has the largest float32 as its distance and the last point as its label, and a query with two empty slots is left out: " +
		"panel c jumps where one query of thousands has one empty slot, and falls again where it has two. Levels are comparable only for STL-10 and IMAGENET1K_V2.",
	Draw:     func(r *Results, about Subject) (*Figure, error) { return PublishedFixedEffort(r.Records, about) },
	findings: func(r *Results) ([]string, error) { return publishedFindings(r.Records, 1) },
}

// PublishedFixedEffort draws condition 1 with the authors' numbers, both in the paper's definitions: squared distances, empty
// slots averaged as the largest float32, the label −1 taken as the last row.
func PublishedFixedEffort(records []study.Record, about Subject) (*Figure, error) {
	return besidePublished{"PublishedFixedEffort", "Condition 1 as published: fixed efSearch", 1}.draw(records, about)
}
