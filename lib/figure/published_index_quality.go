package figure

import "anncapacity/lib/study"

var publishedIndexQuality = Entry{
	Name:     "PublishedIndexQuality",
	From:     study.RecordsFile,
	Shows:    "The same for condition 2.",
	Draw:     func(r *Results, about Subject) (*Figure, error) { return PublishedIndexQuality(r.Records, about) },
	findings: func(r *Results) ([]string, error) { return publishedFindings(r.Records, 2) },
}

// PublishedIndexQuality draws condition 2 with the authors' numbers, both in the paper's definitions.
func PublishedIndexQuality(records []study.Record, about Subject) (*Figure, error) {
	return besidePublished{"PublishedIndexQuality", "Condition 2 as published: efConstruction varies", 2}.draw(records, about)
}
