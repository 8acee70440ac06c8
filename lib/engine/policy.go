package engine

// Policy is what an engine does when k exceeds efSearch: as it documents it, or as it was observed.
type Policy string

// The policies. A question for k asks an engine for k + 1 where the query is an indexed point.
const (
	Exact           Policy = "exact"
	Pads            Policy = "pads"             // answers are short, or padded, but hold more than efSearch points
	Truncates       Policy = "truncates"        // answers hold efSearch points at most
	Rejects         Policy = "rejects"          // an error
	Raises          Policy = "raises"           // full answers, as good as those of a larger efSearch
	Fills           Policy = "fills"            // full answers, of no better quality than what efSearch visits
	IgnoresEfSearch Policy = "ignores efSearch" // efSearch changes nothing
	NotAsked        Policy = "never above ef"   // observed only: no question had k > efSearch
)
