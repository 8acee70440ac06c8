package report

// Method states how an advice was computed.
type Method struct {
	OwnQueries    bool    `json:"own_queries"`      // the queries are no indexed points; otherwise each is left out of its own answer
	AllPoints     bool    `json:"all_points"`       // every indexed point was a query
	CalibratedOn  int     `json:"calibrated_on"`    // number of queries that determined the efSearch
	VerifiedOn    int     `json:"verified_on"`      // number of the other queries
	NeededForMean int     `json:"needed_queries"`   // smallest CalibratedOn whose bound can reach the wanted mean recall; 0 if none can
	NeededForEach int     `json:"needed_for_share"` // the same for Share
	Share         float64 `json:"share_of_queries"` // share of the queries to which Index.Each applies
	OnMatrix      bool    `json:"on_matrix"`        // graphs were built on the matrix of all distances, otherwise on the vectors
	Copies        int     `json:"duplicate_rows"`   // rows that are equal to another row
	Largest       int     `json:"largest_group"`    // size of the largest group of equal rows; 0 if there are no copies
	Seed          uint64  `json:"seed"`             // seed of the draw of queries; the i-th graph of an index has Seed + i
}

// Index holds the parameters of an index and what it needs for one k, which is what the worst of its graphs needs. MeanLinks,
// Unreachable, Highest and Policies are those of the graph that determines Mean.
type Index struct {
	K              int     `json:"k"`
	M              int     `json:"m"`
	EfConstruction int     `json:"ef_construction"`
	Best           bool    `json:"best"`           // of the indexes for this k, reaches the recall with the fewest visited nodes
	Ties           int     `json:"tied_queries"`   // queries whose k-th and (k+1)-th neighbours are at the same distance
	MeanLinks      float64 `json:"mean_links"`     // per node on level 0
	Unreachable    int     `json:"unreachable"`    // nodes that no search visits
	Highest        float64 `json:"highest_recall"` // highest mean recall of the queries for any efSearch

	Mean     *Need `json:"mean"`     // the smallest efSearch whose bound of the mean recall reaches the wanted recall; null if there is none
	Each     *Need `json:"each"`     // the smallest efSearch with which, by its bound, Method.Share of the queries each reach it; null if there is none
	Observed *Need `json:"observed"` // the smallest efSearch with which the mean recall of all queries reaches it, without a bound; null if there is none

	Policies []PolicyRow `json:"policies"` // at every compared efSearch below the number of requested answers
	Decides  string      `json:"decides"`  // Build.As of the graph that determines Mean
	Erratic  bool        `json:"erratic"`  // the graphs differ by at least 0.01 in the highest recall, or by a factor of 1.5 in efSearch: others may be worse
	Builds   []Build     `json:"builds"`
}

// Need is an efSearch, with the recall and the cost at it on the graph that needs it. Recalls count by distance unless they say
// otherwise.
type Need struct {
	EfSearch     int     `json:"ef_search"`
	Alpha        float64 `json:"alpha"`                // efSearch / k
	Bound        float64 `json:"lower_bound"`          // 95 % lower confidence bound: of the mean recall, or of the share of queries that reach it
	Recall       float64 `json:"recall"`               // mean over the queries that determined EfSearch
	Same         float64 `json:"recall_by_identity"`   // of the same queries: mean share of the k exact neighbours themselves, ties by ID
	Reached      float64 `json:"reached"`              // share of the queries that determined EfSearch that each reach the wanted recall
	Verified     float64 `json:"verified_recall"`      // mean over the other queries, on the worst graph; 0 if there are none
	VerifiedEach float64 `json:"verified_reached"`     // share of the other queries that each reach the wanted recall
	Visited      float64 `json:"visited"`              // mean number of nodes other than the query whose distance is computed on level 0
	Visited99    int     `json:"visited_99"`           // 99 % of the queries visit at most this number of nodes
	VisitShare   float64 `json:"visit_share"`          // Visited / n
	AnyPolicy    int     `json:"any_policy_ef_search"` // sufficient also for engines that truncate or reject
}

// Build describes one of the graphs of an Index and the efSearch that it needs.
type Build struct {
	As           string  `json:"as"`   // the hnsw.Insertion
	Seed         uint64  `json:"seed"` // no effect on the graph as FAISS 1.15 builds it with the rows in the order of IDs
	MeanLinks    float64 `json:"mean_links"`
	Unreachable  int     `json:"unreachable"`
	Highest      float64 `json:"highest_recall"`
	EfSearch     *int    `json:"ef_search"`      // as Index.Mean, of this graph; null if there is none
	EachEfSearch *int    `json:"ef_search_each"` // as Index.Each
	Observed     *int    `json:"ef_search_observed"`
	Recall       float64 `json:"recall"`   // lower bound of the mean recall at the efSearch of Index.Mean; 0 if that is null
	Verified     float64 `json:"verified"` // the same of the queries that did not determine it
}

// PolicyRow describes the answers of engines with one capacity policy when efSearch is below the number of requested answers:
// k, and the query itself if it is an indexed point.
type PolicyRow struct {
	EfSearch int     `json:"ef_search"`
	Policy   string  `json:"policy"`
	Engines  string  `json:"engines"`
	Rejected bool    `json:"rejected"` // the engine returns an error; the following fields are zero
	Recall   float64 `json:"recall"`   // mean recall by distance
	Same     float64 `json:"recall_by_identity"`
	Length   float64 `json:"length"`      // mean number of answers, at most k
	Short    float64 `json:"short_share"` // share of queries with fewer than k answers
}
