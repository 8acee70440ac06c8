package compare

import "anncapacity/lib/engine"

// Observed returns the policy that the records of one engine show. Raises and Fills are told apart by the overlap at the
// largest k: with an effort of k it is at least .95, with one of efSearch it is far lower where k is many times efSearch.
func Observed(records []Record) engine.Policy {
	var above []Record // k + 1 > efSearch, the question that the engine was asked
	for _, r := range records {
		if r.EfSearch == 0 {
			return engine.Exact
		}
		if r.K+1 > r.EfSearch {
			above = append(above, r)
		}
	}
	if len(above) == 0 {
		return engine.NotAsked
	}
	if efChangesNothing(records) {
		return engine.IgnoresEfSearch
	}
	return observedAbove(above)
}

// observedAbove returns the policy that records with k > efSearch show, of an engine that uses efSearch.
func observedAbove(above []Record) engine.Policy {
	last := above[0]
	rejected, truncated, short := true, true, false
	for _, r := range above {
		rejected = rejected && r.Error != ""
		if r.Error != "" {
			continue
		}
		truncated = truncated && r.ReturnedMost <= r.EfSearch
		short = short || r.EmptyShare > 0
		if r.K/r.EfSearch >= last.K/last.EfSearch {
			last = r
		}
	}
	switch {
	case rejected:
		return engine.Rejects
	case truncated:
		return engine.Truncates
	case short:
		return engine.Pads
	case last.Overlap >= .95:
		return engine.Raises
	}
	return engine.Fills
}

// efChangesNothing says whether the overlap at every k that was asked with efSearch from e to 4e or more is the same, and below what
// a search with little effort reaches.
func efChangesNothing(records []Record) bool {
	type span struct{ lowest, highest, leastEf, mostEf float64 }
	spans := make(map[int]*span)
	for _, r := range records {
		if r.Error != "" {
			return false
		}
		ef := float64(r.EfSearch)
		s := spans[r.K]
		if s == nil {
			s = &span{r.Overlap, r.Overlap, ef, ef}
			spans[r.K] = s
		}
		s.lowest, s.highest = min(s.lowest, r.Overlap), max(s.highest, r.Overlap)
		s.leastEf, s.mostEf = min(s.leastEf, ef), max(s.mostEf, ef)
	}
	swept := false
	for _, s := range spans {
		if s.mostEf >= 4*s.leastEf {
			swept = true
			if s.highest-s.lowest > .02 || s.highest > .95 {
				return false
			}
		}
	}
	return swept
}
