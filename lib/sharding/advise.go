package sharding

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/report"
)

// AdviceOptions are the vectors, the shards and the wanted recall.
type AdviceOptions struct {
	Name    string      // of the vectors, in the text
	Base    ann.Vectors // must not be modified
	Queries ann.Vectors // vectors that are no indexed points; without rows, the points are the queries
	Truth   [][]int32   // IDs of the exact neighbours of Queries; nil means that they are computed
	Metric  ann.Metric
	K       []int   // numbers of neighbours, ascending
	Recall  float64 // wanted mean recall, above 0 and at most 1
	Shards  int
	By      Deal

	M, EfConstruction int    // of every graph; zero means 32 and 200
	Sample            int    // number of queries; zero means at most 1,000
	Builds            int    // number of times that all shards are dealt and built; zero means 2
	Seed              uint64 // of the first build; the others have the seeds after it
	Progress          io.Writer
}

// Advice is the efSearch that every shard needs, for each k.
type Advice struct {
	Name           string  `json:"name"`
	N              int     `json:"n"`
	D              int     `json:"d"`
	Metric         string  `json:"metric"`
	Wanted         float64 `json:"wanted_recall"`
	Shards         int     `json:"shards"`
	By             Deal    `json:"shard_by"`
	Smallest       int     `json:"smallest_shard"` // vectors, over all builds
	Largest        int     `json:"largest_shard"`
	M              int     `json:"m"`
	EfConstruction int     `json:"ef_construction"`
	OwnQueries     bool    `json:"own_queries"`
	CalibratedOn   int     `json:"calibrated_on"` // number of queries
	VerifiedOn     int     `json:"verified_on"`
	Builds         int     `json:"builds"`
	Seed           uint64  `json:"seed"`
	ByK            []Need  `json:"by_k"`
}

// Need is what the shards and one graph need for one k.
type Need struct {
	K         int       `json:"k"`
	EfSearch  int       `json:"ef_search"`           // of every shard; 0 if none suffices
	AnyPolicy int       `json:"any_policy"`          // efSearch of every shard that is enough under every policy of engines: at least what is asked for
	Highest   float64   `json:"highest_recall"`      // of the build with the lowest, at any efSearch
	Bound     float64   `json:"bound"`               // lower bound of the mean recall, of the build with the lowest
	Verified  float64   `json:"verified_recall"`     // of the queries that did not determine EfSearch, of the build with the lowest
	Distances float64   `json:"distances"`           // computed by a query on level 0 of all shards, a mean
	Predicted int       `json:"predicted_ef_search"` // from one graph, before the shards were built; 0 if none suffices
	OneGraph  Cost      `json:"one_graph"`           // the same recall by one graph on all vectors
	Policies  []Answers `json:"policies"`            // at EfSearch
}

// Cost is an efSearch, 0 if none suffices, and the mean number of distances that a query then computes on level 0.
type Cost struct {
	EfSearch  int     `json:"ef_search"`
	Distances float64 `json:"distances"`
}

// Answers is the merged answer if every shard follows a policy, of the build with the lowest recall.
type Answers struct {
	Policy   string  `json:"policy"`
	Rejected bool    `json:"rejected"`
	Recall   float64 `json:"recall"`
	Fill     float64 `json:"fill"`
}

// verifyEvery is the number of queries of which one is left for the verification.
const verifyEvery = 4

// Defaults of AdviceOptions.
const (
	sampledQueries = 1000
	advisedBuilds  = 2
)

// Advise determines the smallest efSearch of every shard that gives the wanted mean recall of the merged answer, with report.Level
// confidence, on queries like the given ones. It deals the vectors and builds the shards Builds times; the largest efSearch is the
// advice. Three of four queries determine it, the others verify it. The bytes do not depend on GOMAXPROCS.
func Advise(ctx context.Context, o AdviceOptions) (*Advice, error) {
	o.Sample, o.Builds = cmp.Or(o.Sample, min(sampledQueries, o.candidates())), cmp.Or(o.Builds, advisedBuilds)
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	a, err := o.advise(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	return a, nil
}

// candidates returns the number of queries there are.
func (o AdviceOptions) candidates() int {
	if o.Queries.N > 0 {
		return o.Queries.N
	}
	return o.Base.N
}

func (o AdviceOptions) check() error {
	most := o.Base.N
	if o.Queries.N == 0 {
		most--
	}
	switch {
	case len(o.K) == 0 || slices.Min(o.K) < 1 || slices.Max(o.K) > most:
		return fmt.Errorf("-k %v: must be between 1 and %d, the number of possible neighbours", o.K, most)
	case !(o.Recall > 0 && o.Recall <= 1):
		return fmt.Errorf("recall = %v: must be above 0 and at most 1", o.Recall)
	case o.Shards < 1 || o.Shards > o.Base.N:
		return fmt.Errorf("%d shards of %d vectors: must be between 1 and their number", o.Shards, o.Base.N)
	case !slices.Contains(Deals, o.By):
		return fmt.Errorf("shard-by %q: must be random or cell", o.By)
	case o.By == Cell && o.Metric == ann.InnerProduct:
		return errors.New("shards by cell under the inner product: k-means has no cells under it")
	case o.Sample < verifyEvery || o.Sample > o.candidates():
		return fmt.Errorf("sample = %d of %d queries: at least %d are needed", o.Sample, o.candidates(), verifyEvery)
	case o.Builds < 1:
		return fmt.Errorf("builds = %d: must be at least 1", o.Builds)
	}
	return nil
}

func (o AdviceOptions) advise(ctx context.Context) (*Advice, error) {
	q, err := o.questions(ctx)
	if err != nil {
		return nil, err
	}
	one, err := q.trial(ctx, 0, 1)
	if err != nil {
		return nil, err
	}
	var trials []*trial
	for i := range o.Builds {
		t, err := q.trial(ctx, i, o.Shards)
		if err != nil {
			return nil, err
		}
		trials = append(trials, t)
	}
	graph := trials[0].index.shards[0].graph.Options()
	a := &Advice{
		Name: o.Name, N: o.Base.N, D: o.Base.D, Metric: report.MetricName(o.Metric), Wanted: o.Recall, Shards: o.Shards, By: o.By,
		Smallest: o.Base.N, M: graph.M, EfConstruction: graph.EfConstruction, OwnQueries: o.Queries.N > 0,
		CalibratedOn: o.Sample - o.Sample/verifyEvery, VerifiedOn: o.Sample / verifyEvery, Builds: o.Builds, Seed: o.Seed,
	}
	for _, t := range trials {
		for _, s := range t.index.shards {
			a.Smallest, a.Largest = min(a.Smallest, len(s.ids)), max(a.Largest, len(s.ids))
		}
	}
	for _, k := range o.K {
		need, err := q.need(ctx, k, one, trials)
		if err != nil {
			return nil, err
		}
		a.ByK = append(a.ByK, need)
	}
	return a, nil
}

// questions holds the queries and their exact neighbours.
type questions struct {
	AdviceOptions
	vectors ann.Vectors
	self    []int32 // IDs of the queries, −1 if they are no indexed points
	truth   [][]int32
}

// questions draws the queries and finds their exact neighbours.
func (o AdviceOptions) questions(ctx context.Context) (*questions, error) {
	q := &questions{AdviceOptions: o}
	drawn, err := numpy.Choice(o.candidates(), o.Sample, o.Seed)
	if err != nil {
		return nil, err
	}
	most := slices.Max(o.K)
	if o.Queries.N == 0 {
		q.self = drawn
		if q.vectors, err = o.Base.Subset(drawn); err != nil {
			return nil, err
		}
		q.truth, err = pointTruth(ctx, o.Base, o.Metric, drawn, most)
		return q, err
	}
	q.self = slices.Repeat([]int32{-1}, o.Sample)
	if q.vectors, err = o.Queries.Subset(drawn); err != nil {
		return nil, err
	}
	if o.Truth != nil {
		for _, row := range drawn {
			q.truth = append(q.truth, o.Truth[row][:most])
		}
		return q, nil
	}
	index, err := exact.NewMetric(o.Base, o.Metric)
	if err != nil {
		return nil, err
	}
	lists, err := index.SearchBatch(ctx, q.vectors, most)
	for _, list := range lists {
		row := make([]int32, len(list))
		for i, n := range list {
			row[i] = n.ID
		}
		q.truth = append(q.truth, row)
	}
	return q, err
}

// graphs returns the options of the graphs of a build.
func (q *questions) graphs(build int) hnsw.Options {
	return hnsw.Options{M: q.M, EfConstruction: q.EfConstruction, Seed: q.Seed + uint64(build)}
}
