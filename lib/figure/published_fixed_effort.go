package figure

import "anncapacity/lib/study"

var publishedFixedEffort = Entry{
	Name: "PublishedFixedEffort",
	From: study.RecordsFile,
	Shows: "Condition 1 in the paper's own definitions, the authors' numbers in grey under ours. " +
		"Distances are squared there, an empty slot counts as the largest float32, a query with two of them is left out, and its label is read as the last point: " +
		"panel c jumps where one query of thousands has one empty slot, and falls back where it has two. Levels compare only for STL-10 and IMAGENET1K_V2.",
	Draw:  func(r *Results, about Subject) (*Figure, error) { return PublishedFixedEffort(r.Records, about) },
	tells: func(r *Results) ([]string, error) { return publishedFindings(r.Records, 1) },
}

// PublishedFixedEffort lays the authors' numbers for condition 1 under ours, both in the paper's definitions: squared
// distances, empty slots averaged as the largest float32, the label −1 read as the last row.
func PublishedFixedEffort(records []study.Record, about Subject) (*Figure, error) {
	return besidePublished{"PublishedFixedEffort", "Condition 1 as published: fixed efSearch", 1}.draw(records, about)
}
