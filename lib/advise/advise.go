package advise

import (
	"context"
	"fmt"
	"slices"
)

// Report is the result of Run. It depends on Options alone; its bytes are the same for every GOMAXPROCS.
type Report struct {
	Name       string  `json:"embeddings"`
	N          int     `json:"n"`
	D          int     `json:"d"`
	K          int     `json:"k"`
	Recall     float64 `json:"wanted_recall"`
	Queries    int     `json:"queries"`          // number of points that were queries; a query is excluded from its own answer
	AllQueries bool    `json:"all_queries"`      // every point was a query
	OnMatrix   bool    `json:"on_matrix"`        // graphs were built on the matrix of all distances, otherwise on the vectors
	Ties       int     `json:"tied_queries"`     // queries whose k-th and (k+1)-th neighbours are at the same distance
	Copies     int     `json:"duplicate_rows"`   // rows that are equal to another row
	Largest    int     `json:"largest_group"`    // size of the largest group of equal rows; 0 if there are no copies
	CountedBy  string  `json:"recall_counted"`   // "by distance": answers not farther than the k-th exact neighbour count
	Seed       uint64  `json:"seed"`             // seed of the draw of queries; the i-th graph of a setting has Seed + i
	Best       *int    `json:"best_setting"`     // index in Settings of the setting that reaches the recall with the fewest visited nodes; null if none does
	Share      float64 `json:"share_of_queries"` // share of the queries to which Setting.Each applies

	Settings []Setting `json:"settings"`
}

// Setting holds the parameters of an index and the advice for it, which is that for the worst of its builds. MeanLinks,
// Unreachable, Highest and Policies are those of the build that determines Mean.
type Setting struct {
	M              int     `json:"m"`
	EfConstruction int     `json:"ef_construction"`
	MeanLinks      float64 `json:"mean_links"`     // per node on level 0
	Unreachable    int     `json:"unreachable"`    // nodes that no search visits
	Highest        float64 `json:"highest_recall"` // highest mean recall for any efSearch

	Mean *Advice `json:"mean"` // for the smallest efSearch that gives the wanted mean recall; null if there is none
	Each *Advice `json:"each"` // for the smallest efSearch with which 99.9 % of the queries each reach the wanted recall; null if there is none

	Policies []PolicyRow `json:"policies"` // at every compared efSearch below k + 1
	Decides  string      `json:"decides"`  // Build.As of the build that determines Mean
	Erratic  bool        `json:"erratic"`  // the builds differ by at least 0.01 in the highest recall, or by a factor of 1.5 in efSearch: other builds may be worse
	Builds   []Build     `json:"builds"`
}

// Advice is an efSearch with its recall and its cost.
type Advice struct {
	EfSearch   int     `json:"ef_search"`
	Alpha      float64 `json:"alpha"`              // efSearch / k
	Recall     float64 `json:"recall"`             // mean over the queries, by distance, in the worst of the builds
	Same       float64 `json:"recall_by_identity"` // mean share of the k exact neighbours themselves, ties by ID; engines may return other points at the same distance
	Margin     float64 `json:"margin"`             // Recall ± Margin is a 95 % confidence interval of the mean over all points; 0 if all were queries
	Reached    float64 `json:"reached"`            // share of the queries that each reach the wanted recall, in the worst of the builds
	Visited    float64 `json:"visited"`            // mean number of nodes other than the query whose distance is computed on level 0
	Visited99  int     `json:"visited_99"`         // 99 % of the queries visit at most this number of nodes
	VisitShare float64 `json:"visit_share"`        // Visited / n
	AnyPolicy  int     `json:"any_policy"`         // max(efSearch, k + 1): sufficient also for engines that truncate or reject
}

// Run determines the smallest efSearch that gives the wanted recall. It returns ctx.Err() if ctx is cancelled, which it
// checks between queries and between batches of points of an index.
func Run(ctx context.Context, o Options) (*Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	p, err := newProblem(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	r := &Report{Name: o.Name, N: o.Base.N, D: o.Base.D, K: o.K, Recall: o.Recall, Queries: len(p.queries),
		AllQueries: len(p.queries) == o.Base.N, OnMatrix: p.onMatrix, Ties: p.ties, Copies: p.copies.rows, Largest: p.copies.largest,
		CountedBy: "by distance", Seed: o.Seed, Share: eachShare}
	for _, m := range o.M {
		for _, ef := range o.EfConstruction {
			s, err := p.setting(ctx, m, ef)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", o.Name, err)
			}
			r.add(s)
		}
	}
	return r, nil
}

// add appends a setting and updates Best: the first of the settings with the fewest visited nodes.
func (r *Report) add(s Setting) {
	r.Settings = append(r.Settings, s)
	if s.Mean != nil && (r.Best == nil || s.Mean.Visited < r.Settings[*r.Best].Mean.Visited) {
		last := len(r.Settings) - 1
		r.Best = &last
	}
}

// policyEfs returns the compared efSearch and the advised one, as far as they are below the k + 1 requested answers, where
// the policies differ.
func (s *survey) policyEfs() []int {
	efs := slices.DeleteFunc(append(slices.Clone(s.EfSearch), s.mean.effort), func(ef int) bool { return ef < 1 || ef > s.K })
	slices.Sort(efs)
	return slices.Compact(efs)
}
