package fidelity

// Capacity is the number of nodes other than the query that the search visits. For engines that do not report it, it is the
// length of the answer.
var Capacity = Measure{
	Label:      "capacity",
	Unit:       "nodes visited",
	Definition: func(l Lists) (float64, bool) { return float64(l.Visited), true },
	Pair:       func(g *Growth) float64 { return float64(g.Capacity) },
	Tail:       Tail{Column{"capacity_median"}, Column{"capacity_p01"}, Column{"capacity_p001"}, Column{"capacity_min"}},
}
