package fidelity

// Fill is the share of the k slots that the answer fills.
var Fill = Measure{
	Label:      "share of slots filled",
	Definition: func(l Lists) (float64, bool) { return FillAt(len(l.Answer), l.K), true },
	Pair:       func(g *Growth) float64 { return float64(g.Found) },
	Slots:      true,
	Mean:       Column{"fill"},
}

// FillAt returns |A| / k, the share of the k slots that an answer of the given length fills.
func FillAt(length, k int) float64 { return float64(min(length, k)) / float64(k) }
