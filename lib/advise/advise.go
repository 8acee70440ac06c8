package advise

import (
	"context"
	"fmt"
	"slices"
)

// Report is the answer, on the question's own terms. It depends on Options alone: the same bytes whatever GOMAXPROCS is.
type Report struct {
	Name       string  `json:"embeddings"`
	N          int     `json:"n"`
	D          int     `json:"d"`
	K          int     `json:"k"`
	Recall     float64 `json:"wanted_recall"`
	Queries    int     `json:"queries"`          // points of the n, each left out of its own answer
	AllQueries bool    `json:"all_queries"`      // every point was a query
	OnMatrix   bool    `json:"on_matrix"`        // built on the matrix of all distances, otherwise on the vectors
	Ties       int     `json:"tied_queries"`     // queries whose k-th and (k+1)-th neighbours are equally far
	Copies     int     `json:"duplicate_rows"`   // rows that are equal to another row
	Largest    int     `json:"largest_group"`    // most rows that are equal to one another; 0 where there are no copies
	CountedBy  string  `json:"recall_counted"`   // "by distance": answers no farther than the k-th exact neighbour count
	Seed       uint64  `json:"seed"`             // of the draw; the i-th graph of a setting has Seed + i
	Best       *int    `json:"best_setting"`     // of Settings: the recall for the fewest visited nodes; null where none reaches it
	Share      float64 `json:"share_of_queries"` // that Setting.Each speaks of

	Settings []Setting `json:"settings"`
}

// Setting is one index and what it needs: what the worst of its Builds needs. The numbers of links and nodes, Highest and Policies are those
// of the build that decides about Mean.
type Setting struct {
	M              int     `json:"m"`
	EfConstruction int     `json:"ef_construction"`
	MeanLinks      float64 `json:"mean_links"`     // per node on level 0
	Unreachable    int     `json:"unreachable"`    // nodes that no search visits
	Highest        float64 `json:"highest_recall"` // no efSearch gives a higher mean recall

	Mean *Advice `json:"mean"` // the smallest efSearch with mean recall ≥ the wanted one; null where there is none
	Each *Advice `json:"each"` // the smallest with which 99.9 % of the queries reach it themselves; null likewise

	Policies []PolicyRow `json:"policies"` // at every efSearch asked for that is below k + 1
	Decides  string      `json:"decides"`  // Build.As of the build that decides about Mean
	Erratic  bool        `json:"erratic"`  // the builds differ by 0.01 in the highest recall, or 1.5 times in efSearch: others may be worse than all of these
	Builds   []Build     `json:"builds"`
}

// Advice is an efSearch and what it gives and costs.
type Advice struct {
	EfSearch   int     `json:"ef_search"`
	Alpha      float64 `json:"alpha"`              // efSearch / k
	Recall     float64 `json:"recall"`             // mean over the queries, by distance, on the worst of the builds
	Same       float64 `json:"recall_by_identity"` // the same counting only the k exact neighbours themselves, ties by ID: engines choose among equals as they like
	Margin     float64 `json:"margin"`             // Recall ± Margin holds the mean over all points with 95 % confidence; 0 if all were queries
	Reached    float64 `json:"reached"`            // share of the queries that reach the wanted recall themselves, on the worst of the builds
	Visited    float64 `json:"visited"`            // mean number of nodes whose distance is computed on level 0, the query left out
	Visited99  int     `json:"visited_99"`         // 99 % of the queries visit no more
	VisitShare float64 `json:"visit_share"`        // Visited / n
	AnyPolicy  int     `json:"any_policy"`         // max(efSearch, k + 1): enough for engines that truncate or reject, too
}

// Run answers the question. Cancelling ctx stops it between two queries, or two points of an index.
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
		CountedBy: "by distance", Seed: o.Seed, Share: manyQueries}
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

// add keeps the first of the settings with the fewest visited nodes as the best.
func (r *Report) add(s Setting) {
	r.Settings = append(r.Settings, s)
	if s.Mean != nil && (r.Best == nil || s.Mean.Visited < r.Settings[*r.Best].Mean.Visited) {
		last := len(r.Settings) - 1
		r.Best = &last
	}
}

// policyEfs are the efSearch at which policies differ: below the k + 1 answers that are asked for.
func (s *survey) policyEfs() []int {
	efs := slices.DeleteFunc(append(slices.Clone(s.EfSearch), s.mean.effort), func(ef int) bool { return ef < 1 || ef > s.K })
	slices.Sort(efs)
	return slices.Compact(efs)
}
