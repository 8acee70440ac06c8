package fidelity

// EmptyShare is 1 for an answer of fewer than k members, and 0 otherwise. Its mean is the share of queries with an empty
// slot.
var EmptyShare = Measure{
	Label:      "share of queries with an empty slot",
	Definition: func(l Lists) (float64, bool) { return indicator(len(l.Answer) < l.K), true },
	Pair:       func(g *Growth) float64 { return indicator(g.Found < g.K) },
	Mean:       Column{"empty_share"},
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
