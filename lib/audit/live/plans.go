package live

import (
	"fmt"

	"anncapacity/lib/engine"
)

// policy returns what the engine does when k exceeds efSearch: as observed without a filter, otherwise as documented.
func (a *audit) policy() engine.Policy {
	if a.index.Filter != nil || a.index.Uncounted {
		return a.index.Policy
	}
	asked, rejected, truncated, short := false, true, true, false // of the rows with k > efSearch
	for _, r := range a.rows {
		if r.k <= r.setting.EfSearch || r.setting.Scan != a.index.Present.Scan || (r.plan.UsesIndex != nil && !*r.plan.UsesIndex) {
			continue
		}
		asked = true
		if r.rejected != nil {
			continue
		}
		rejected = false
		for i, answer := range r.answers[:a.complete] {
			truncated = truncated && len(answer.IDs) <= r.setting.EfSearch
			short = short || len(answer.IDs) < len(a.truths[i].IDs[:min(r.k, len(a.truths[i].IDs))])
		}
	}
	switch {
	case !asked:
		return a.index.Policy
	case rejected:
		return engine.Rejects
	case truncated:
		return engine.Truncates
	case short:
		return engine.Pads
	case a.index.Policy == engine.Fills:
		return engine.Fills
	}
	return engine.Raises
}

// planNotes says at which settings the engine does not use the index.
func (a *audit) planNotes() (notes []string) {
	for _, k := range a.o.K {
		without, all, example := 0, 0, ""
		for _, r := range a.rows {
			if r.k != k || r.plan.UsesIndex == nil {
				continue
			}
			all++
			if !*r.plan.UsesIndex {
				without++
				example = r.plan.Text
			}
		}
		switch {
		case without == 0:
		case without == all:
			notes = append(notes, fmt.Sprintf("The engine does not use the index for k = %d at any setting. Its plan: %s.", k, example))
		default:
			notes = append(notes, fmt.Sprintf("The engine does not use the index for k = %d at %d of %d settings. Its plan there: %s.", k, without, all, example))
		}
	}
	return notes
}
