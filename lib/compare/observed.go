package compare

import "anncapacity/lib/engine"

// observed returns the policy that the records of one engine show, for which k + more neighbours were requested. Raises and Fills differ in the overlap at the largest
// k / efSearch: a search at efSearch = k has at least .95, a search at efSearch far less if k is many times efSearch.
func observed(records []Record, more int) engine.Policy {
	var above []Record // k + more > efSearch
	for _, r := range records {
		if r.EfSearch == 0 {
			return engine.Exact
		}
		if r.K+more > r.EfSearch {
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

// observedAbove returns the policy that records with k + more > efSearch show, for an engine on which efSearch has an effect.
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

// efChangesNothing reports whether efSearch has no effect: at every k whose largest efSearch is at least four times the
// smallest, the overlap varies by at most .02 and is at most .95. It returns false if there is no such k.
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
