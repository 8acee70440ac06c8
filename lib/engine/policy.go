package engine

// A Policy is what an engine does when k exceeds efSearch, as documented or as observed.
type Policy string

// The policies. For a query that is an indexed point, k includes that point: Asked returns k + 1.
const (
	Exact           Policy = "exact"
	Pads            Policy = "pads"             // answers are short or padded, but hold more than efSearch points
	Truncates       Policy = "truncates"        // answers hold at most efSearch points
	Rejects         Policy = "rejects"          // the search is an error
	Raises          Policy = "raises"           // answers are full, with the quality of a search at efSearch = k
	Fills           Policy = "fills"            // answers are full, with the quality of a search at efSearch
	IgnoresEfSearch Policy = "ignores efSearch" // efSearch has no effect
	NotAsked        Policy = "never above ef"   // observed only: no search had k > efSearch
)
