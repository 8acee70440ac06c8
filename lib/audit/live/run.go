package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/report"
)

// Options say what to ask.
type Options struct {
	K        []int   // numbers of answers
	EfSearch []int   // settings beside the present one; a single one is taken as the present setting; nil means Index.Ladder
	Target   string  // the recall that counts: report.ByDistance or report.ByIdentity; "" means report.ByDistance
	Wanted   float64 // the recall to reach, above 0 and at most 1

	Queries ann.Vectors // the queries; N = 0 means a sample of the stored vectors
	Sample  int         // number of queries; zero means DefaultSample
	Seed    uint64      // of the choice of queries

	TruthFromVectors bool  // read all vectors and compute the exact neighbours here, and check the engine's exact scan
	Memory           int64 // maximum number of bytes for TruthFromVectors; zero means no maximum

	Progress io.Writer // receives the progress; nil means that it is discarded
}

// DefaultSample is the number of queries if Options.Sample is zero. The half of it that determines the advice can show a
// recall of up to .98 with a confidence of 95 %.
const DefaultSample = 400

// Run audits an index. If the engine fails after some queries were answered exactly, Run returns both the report of what was
// measured and the error; a note of the report says so.
func Run(ctx context.Context, e Engine, o Options) (*report.Report, error) {
	a := &audit{engine: e, index: e.Index(), o: o, begin: time.Now()}
	if err := a.prepare(ctx); err != nil {
		return nil, err
	}
	err := a.measure(ctx)
	if err != nil && a.complete == 0 {
		return nil, err
	}
	r, failed := a.report()
	if failed != nil {
		return nil, errors.Join(err, failed)
	}
	if err != nil {
		err = fmt.Errorf("after %d of %d queries: %w", a.complete, len(a.queries), err)
		r.Notes = append([]string{"The audit ended early, " + err.Error() + ". What was measured until then is reported."}, r.Notes...)
	}
	return r, err
}

// audit is an audit in progress.
type audit struct {
	engine  Engine
	index   Index
	o       Options
	begin   time.Time
	queries []Query

	rows     []*row   // one for each k and setting
	truths   []Answer // of the exact search, one for each query
	complete int      // number of queries that have been asked at every setting and exactly

	vectors  *vectors // nil unless the truth is computed here
	disagree []string // queries for which the engine's exact scan differs from the truth computed here
	exact    []Answer // of the engine's exact scan, if the truth is computed here
}

// row holds the answers at one k and one setting.
type row struct {
	k        int
	setting  Setting
	present  bool
	plan     Plan
	rejected error
	answers  []Answer
}

func (a *audit) prepare(ctx context.Context) error {
	if a.o.Target == "" {
		a.o.Target = report.ByDistance
	}
	if a.o.Sample == 0 {
		a.o.Sample = DefaultSample
	}
	if err := a.check(); err != nil {
		return err
	}
	if err := a.choose(ctx); err != nil {
		return err
	}
	if len(a.queries) < 2 {
		return fmt.Errorf("%s: %d queries are too few: the advice needs at least 2", a.index.Name, len(a.queries))
	}
	a.truths = make([]Answer, len(a.queries))
	a.plan()
	if a.o.TruthFromVectors || a.index.NoExactScan {
		return a.compute(ctx)
	}
	return nil
}

// check reports options that no audit can have.
func (a *audit) check() error {
	switch {
	case len(a.o.K) == 0:
		return errors.New("no k is given")
	case slices.Min(a.o.K) < 1:
		return fmt.Errorf("k = %d: must be at least 1", slices.Min(a.o.K))
	case a.o.Queries.N == 0 && slices.Min(a.o.K) < 2:
		return errors.New("k = 1: the only answer is the stored vector that is the query: give queries, or a larger k")
	case a.o.Sample < 2:
		return fmt.Errorf("%d queries: must be at least 2", a.o.Sample)
	case a.o.Queries.N > 0 && a.o.Queries.D != a.index.D:
		return fmt.Errorf("the queries have %d dimensions, %s has %d", a.o.Queries.D, a.index.Name, a.index.D)
	case !(a.o.Wanted > 0 && a.o.Wanted <= 1):
		return fmt.Errorf("recall %v: must be above 0 and at most 1", a.o.Wanted)
	case len(a.o.EfSearch) > 0 && slices.Min(a.o.EfSearch) < 1:
		return fmt.Errorf("efSearch %d: must be at least 1", slices.Min(a.o.EfSearch))
	case a.index.N == 0:
		return fmt.Errorf("%s holds no vectors", a.index.Name)
	case a.index.Matching == 0:
		return fmt.Errorf("%s: no vector matches the filter %s", a.index.Name, a.index.Filter.Text)
	case a.o.Queries.N == 0 && a.index.Matching < 2:
		return fmt.Errorf("%s: there is only one vector to find, which has no neighbours", a.index.Name)
	}
	return a.index.Metric.Check(a.o.Queries)
}

// choose determines the queries: stored vectors, or rows of the given queries in random order.
func (a *audit) choose(ctx context.Context) (err error) {
	if a.o.Queries.N == 0 {
		a.queries, err = a.engine.Sample(ctx, a.o.Sample, a.o.Seed)
		return err
	}
	for _, i := range rand.New(rand.NewPCG(a.o.Seed, 0)).Perm(a.o.Queries.N)[:min(a.o.Sample, a.o.Queries.N)] {
		a.queries = append(a.queries, Query{Name: fmt.Sprint(i), Vector: a.o.Queries.Row(i)})
	}
	return nil
}

// plan determines the rows of the report: for each k the present setting first, then the ladder.
func (a *audit) plan() {
	if len(a.o.EfSearch) == 1 {
		a.index.Present.EfSearch, a.index.NoPresent = a.o.EfSearch[0], false
	}
	var settings []Setting
	if !a.index.NoPresent {
		settings = append(settings, a.index.Present)
	}
	add := func(s Setting) {
		if !slices.Contains(settings, s) {
			settings = append(settings, s)
		}
	}
	for _, s := range a.index.Ladder {
		if len(a.o.EfSearch) == 0 {
			add(s)
		}
		for _, ef := range a.o.EfSearch {
			add(Setting{ef, s.Scan})
		}
	}
	slices.Sort(a.o.K)
	a.o.K = slices.Compact(a.o.K)
	for _, k := range a.o.K {
		for i, s := range settings {
			a.rows = append(a.rows, &row{k: k, setting: s, present: i == 0 && !a.index.NoPresent, answers: make([]Answer, len(a.queries))})
		}
	}
}
