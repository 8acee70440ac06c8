// Package report holds the result of an audit of an index, or of an advice for one: its JSON, its verdict and its text.
// Package page writes it as a page.
package report

// Version is the version of the JSON. docs/report.schema.json is its JSON Schema. A field that is added keeps the version; a field
// that is removed or changes its meaning gives a new one.
const Version = 1

// Report states what an index returns at each setting, and which setting reaches a target.
type Report struct {
	Version int    `json:"version"`
	Kind    string `json:"kind"` // KindAdvice, KindFile or KindLive
	Name    string `json:"name"` // of the embeddings, the index file or the table
	Engine  string `json:"engine,omitempty"`
	// EngineVersion is the version that the engine reports; "" if it is not known.
	EngineVersion string `json:"engine_version,omitempty"`
	// Effort is the engine's name of efSearch, such as "hnsw.ef_search"; "" means "efSearch".
	Effort string `json:"effort,omitempty"`
	// Time is the time at which a live index was asked (RFC 3339); "" for other reports, which are reproducible.
	Time string `json:"time,omitempty"`

	N       int     `json:"n"` // number of indexed vectors
	D       int     `json:"d"`
	Metric  string  `json:"metric"` // l2, cosine or ip
	Policy  string  `json:"policy"` // of the engine when k exceeds efSearch: an engine.Policy
	Queries int     `json:"queries"`
	Target  string  `json:"recall_counted"` // ByDistance or ByIdentity: the recall that the target and the advice refer to
	Wanted  float64 `json:"wanted_recall"`

	Settings []Setting `json:"settings"` // one for each k and efSearch
	Advice   *Advice   `json:"advice"`   // null if no setting reaches the target

	ByK     []Advice `json:"advice_by_k,omitempty"` // of an advice for several k: one for each that has one; Advice is that of the largest efSearch, if all have one
	Method  *Method  `json:"method,omitempty"`      // of an advice
	Indexes []Index  `json:"indexes,omitempty"`     // of an advice: one for each k, M and efConstruction

	Graph  *Graph   `json:"graph,omitempty"`  // of an index file
	Filter *Filter  `json:"filter,omitempty"` // of a filtered audit
	Labels []Label  `json:"labels,omitempty"` // of an audit with labels
	Worst  []Worst  `json:"worst_queries,omitempty"`
	Notes  []string `json:"notes,omitempty"` // how it was measured, and what was left out: whole sentences
}

// Values of Report.Kind.
const (
	KindAdvice = "advice"
	KindFile   = "index file"
	KindLive   = "live index"
)

// Values of Report.Target.
const (
	ByDistance = "by distance" // answers not farther than the k-th exact neighbour count
	ByIdentity = "by identity" // the k exact neighbours themselves, ties by ID
)

// Setting states what the engine returns for k neighbours at one efSearch, as a mean over the queries.
type Setting struct {
	K                int        `json:"k"`
	EfSearch         int        `json:"ef_search"`          // or the engine's own name of the effort; 0 for an exact scan
	Present          bool       `json:"present,omitempty"`  // the setting at which the live index runs now
	Scan             string     `json:"scan,omitempty"`     // how the engine searched, such as "strict_order"; "" is the default
	Rejected         bool       `json:"rejected,omitempty"` // the engine answers with an error; the following fields are zero
	Recall           float64    `json:"recall"`             // by identity: share of the k exact neighbours themselves
	RecallByDistance float64    `json:"recall_by_distance"`
	Interval         [2]float64 `json:"interval"`    // 95 % confidence interval of the mean recall that Report.Target names
	Fill             float64    `json:"fill"`        // mean number of answers / min(k, vectors that match)
	Short            float64    `json:"short_share"` // share of the queries with fewer answers
	Quantiles        *Quantiles `json:"recall_quantiles,omitempty"`
	Capacity         *Capacity  `json:"capacity,omitempty"`
	Latency          *Latency   `json:"latency_ms,omitempty"`
	ExactLatency     *Latency   `json:"exact_latency_ms,omitempty"` // of the engine's exact scan for the same queries
	UsesIndex        *bool      `json:"uses_index,omitempty"`       // by the engine's plan; null if it has none
}

// Quantiles are quantiles over the queries of the recall that Report.Target names.
type Quantiles struct {
	Least  float64 `json:"min"`
	Low    float64 `json:"p01"`
	Tenth  float64 `json:"p10"`
	Median float64 `json:"p50"`
}

// Capacity is the number of nodes that a search visits, and the largest k up to which its answers are the exact ones.
type Capacity struct {
	Visited  float64 `json:"visited"`   // mean over the queries
	LargestK int     `json:"largest_k"` // largest k at which the mean recall reaches Report.Wanted; 0 if there is none
}

// Latency holds quantiles over the queries, in milliseconds, of one question at a time.
type Latency struct {
	Median float64 `json:"p50"`
	High   float64 `json:"p95"`
	Most   float64 `json:"p99"`
}

// Advice is the smallest efSearch that reaches the target on queries that did not determine it.
type Advice struct {
	K          int     `json:"k"`
	EfSearch   int     `json:"ef_search"`
	Scan       string  `json:"scan,omitempty"`  // of Setting.Scan
	Bound      float64 `json:"lower_bound"`     // lower 95 % confidence bound of the mean recall on the queries that determined EfSearch
	Verified   float64 `json:"verified_recall"` // mean recall on the other queries
	VerifiedOn int     `json:"verified_on"`     // their number
	Statement  string  `json:"statement"`       // statement or call that sets it in the engine
	Text       string  `json:"text"`            // the advice in a sentence
}

// Graph describes the graph of an index file.
type Graph struct {
	M              int     `json:"m"`
	EfConstruction int     `json:"ef_construction"` // 0 if the file does not state it
	EfSearch       int     `json:"ef_search"`       // stored in the file; 0 if it is not
	Levels         []int   `json:"levels"`          // number of nodes on each level and above
	Unreachable    int     `json:"unreachable"`     // nodes that no search visits
	Deleted        int     `json:"deleted"`         // nodes marked as deleted
	Changed        int     `json:"changed_vectors"` // vectors of the file that differ from the base
	Out            Degrees `json:"out_degrees"`     // on level 0
	In             Degrees `json:"in_degrees"`
}

// Degrees summarizes numbers of links.
type Degrees struct {
	Least int     `json:"min"`
	Mean  float64 `json:"mean"`
	Most  int     `json:"max"`
	Zero  int     `json:"zero"` // number of nodes without any
}

// Filter describes the condition of a filtered audit.
type Filter struct {
	Text        string  `json:"text"`
	Matching    int     `json:"matching"`    // number of vectors that match
	Selectivity float64 `json:"selectivity"` // Matching / N
}

// Label states what post-filtering by one label returns at a setting.
type Label struct {
	Label       int64   `json:"label"`
	Matching    int     `json:"matching"`
	Selectivity float64 `json:"selectivity"`
	K           int     `json:"k"`
	EfSearch    int     `json:"ef_search"`
	Recall      float64 `json:"recall"` // share of the k exact neighbours with the label
	Fill        float64 `json:"fill"`
}

// Worst is one of the queries with the lowest recall at the setting of the verdict.
type Worst struct {
	Query    string  `json:"query"` // row of the queries, or ID of the stored vector
	Recall   float64 `json:"recall"`
	Returned int     `json:"returned"`         // number of answers
	Nearest  float64 `json:"nearest_distance"` // of the exact nearest neighbour
	Kth      float64 `json:"kth_distance"`     // of the k-th exact neighbour
}
