package figure

import (
	"cmp"
	"fmt"
	"slices"

	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
)

// enginesFiles names the files that the figures of a comparison are drawn from.
const enginesFiles = "engines.csv and engine_records.csv"

// withoutEngines returns why the figures of a comparison cannot be drawn, "" if they can.
func withoutEngines(r *Results) string {
	return unless(r.Engines != nil, "anncapacity engines was not run")
}

// engineLine holds records of one engine: by k at the comparison's efSearch, or by efSearch at one k.
type engineLine struct {
	name, version string
	policy        engine.Policy
	records       []compare.Record
}

// engineLines returns the records of each engine at the comparison's efSearch, ascending by k.
func engineLines(r *compare.Result) (lines []engineLine) {
	for _, e := range r.Engines {
		if e.Missing != "" {
			continue
		}
		own := filter(r.Records, func(x compare.Record) bool { return x.Engine == e.Engine })
		own = filter(own, func(x compare.Record) bool { return x.EfSearch == own[0].EfSearch })
		slices.SortFunc(own, func(a, b compare.Record) int { return cmp.Compare(a.K, b.K) })
		if len(own) > 0 {
			lines = append(lines, engineLine{e.Engine, e.Version, e.Observed, own})
		}
	}
	return lines
}

// exact reports whether the engine is exact. An exact engine has no efSearch.
func (l engineLine) exact() bool { return l.records[0].EfSearch == 0 }

// compared returns the source and the size of a comparison.
func (s Subject) compared(r *compare.Result) string {
	words := s.sized(r)
	if len(r.Records) > 0 {
		words += fmt.Sprintf(" · %s queries", thousands(r.Records[0].Queries))
	}
	return words
}
