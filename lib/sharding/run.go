// Package sharding says what splitting an index into shards does to neighbourhoods: condition 4 of the study. Engines that run on
// several machines split their vectors into shards, build an index on each, ask every shard with the same efSearch, and merge the
// answers.
//
// One walk for each query and shard gives the merged answer at every (k, efSearch) and under every policy, as one walk does for one
// graph (hnsw.Walk). A forecast from one graph on all vectors predicts it before the shards are built (predict.go). Advise determines
// the efSearch that every shard needs. Partitions compares with partitions of a table of PostgreSQL.
package sharding

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/interrupt"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/study"
)

// Options are the parameters of condition 4.
type Options struct {
	Embeddings string     // a file that embedding.Open reads
	Metric     ann.Metric // Euclidean or Cosine, as in study.Options
	Out        string     // folder for File and for the parts that an interrupted run resumes from
	Runs       int        // zero means 10
	Subset     int        // points drawn for a run, the same as in conditions 1 to 3; zero means 10,000
	Queries    int        // of them, drawn with the seed of the run; zero means 200
	Progress   io.Writer  // nil means no progress bar
}

const (
	defaultRuns    = 10
	defaultSubset  = 10000
	defaultQueries = 200

	// version must be incremented when a change of the code changes the rows of the same embeddings.
	version = 1
)

// Run runs the condition, writes File to Options.Out and returns the rows. It stores each run when it ends, and does not repeat a
// run that is stored for the same embeddings, subset and queries. The bytes do not depend on GOMAXPROCS.
func Run(ctx context.Context, o Options) ([]Row, error) {
	o.Runs, o.Subset, o.Queries = cmp.Or(o.Runs, defaultRuns), cmp.Or(o.Subset, defaultSubset), cmp.Or(o.Queries, defaultQueries)
	all, err := o.open(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := parts.Folder(o.Out, "sharding")
	if err != nil {
		return nil, err
	}
	bar := progress.New(o.Progress, "shards", o.Runs*len(layouts()), "indexes")
	defer bar.Stop()
	key := o.key(all)
	stored := parts.Kind[[]Row]{Read: table.ReadRows[Row], Write: table.WriteRows[Row]}
	var rows []Row
	for run := range o.Runs {
		bar.Describe(fmt.Sprintf("shards, run %d of %d", run+1, o.Runs))
		path := filepath.Join(folder, fmt.Sprintf("%s-run%02d.csv", key, run))
		of, found, err := stored.Get(path, func() ([]Row, error) { return o.run(ctx, all, run, func() { bar.Add(1) }) })
		if err != nil {
			return nil, err
		}
		if found {
			bar.Add(len(layouts()))
		}
		rows = append(rows, of...)
	}
	return rows, table.WriteRows(filepath.Join(o.Out, File), rows)
}

// open returns the embeddings, divided by their lengths if the metric is the cosine.
func (o Options) open(ctx context.Context) (ann.Vectors, error) {
	notes := o.Progress
	if notes == nil {
		notes = io.Discard
	}
	all, err := interrupt.Wait(ctx, func() (ann.Vectors, error) { return embedding.OpenReporting(o.Embeddings, notes) })
	if err != nil {
		return all, err
	}
	ks := study.Ks()
	switch most := max(ks[len(ks)-1], ShardCounts[len(ShardCounts)-1]); {
	case o.Runs < 1 || o.Queries < 1 || o.Queries > o.Subset:
		err = fmt.Errorf("%d runs of %d queries of %d points: at least one run of one query of the points is needed", o.Runs, o.Queries, o.Subset)
	case o.Subset > all.N:
		err = fmt.Errorf("a subset of %d is too large for %d vectors", o.Subset, all.N)
	case o.Subset <= most:
		err = fmt.Errorf("a subset of %d is too small: it must hold more points than k = %d", o.Subset, most)
	case o.Metric == ann.Cosine:
		all, err = ann.Normalized(all)
	case o.Metric != ann.Euclidean:
		err = fmt.Errorf("metric %v: must be %v or %v", o.Metric, ann.Euclidean, ann.Cosine)
	}
	if err == nil {
		err = ann.CheckRange(all, ann.Euclidean)
	}
	if err != nil {
		return all, fmt.Errorf("%s: %w", o.Embeddings, err)
	}
	return all, nil
}

// key returns a name for everything that a run depends on in addition to its number.
func (o Options) key(all ann.Vectors) string {
	return parts.Key(func(sum io.Writer) {
		fmt.Fprintf(sum, "sharding %d %d %d %d %d", version, all.N, all.D, o.Subset, o.Queries)
		binary.Write(sum, binary.LittleEndian, all.Data)
	})
}

// layouts returns the numbers of shards and the deals of a run, one graph first.
func layouts() (all []layout) {
	for _, shards := range ShardCounts {
		for _, by := range Deals {
			if shards > 1 || by == Random {
				all = append(all, layout{by, shards})
			}
		}
	}
	return all
}

type layout struct {
	by     Deal
	shards int
}

// run returns the rows of one run. It calls done after each layout.
func (o Options) run(ctx context.Context, all ann.Vectors, run int, done func()) ([]Row, error) {
	m, err := o.sample(ctx, all, run)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, l := range layouts() {
		of, err := m.layout(ctx, l)
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
		done()
	}
	return rows, nil
}

// sample draws the points of a run, as package study does, and its queries, and finds the exact neighbours of these.
func (o Options) sample(ctx context.Context, all ann.Vectors, run int) (*measurement, error) {
	m := &measurement{run: run, seed: study.FirstSeed + uint64(run), ks: study.Ks()}
	rows, err := numpy.Choice(all.N, o.Subset, m.seed)
	if err != nil {
		return nil, err
	}
	if m.base, err = all.Subset(rows); err != nil {
		return nil, err
	}
	if m.queries, err = numpy.Choice(o.Subset, o.Queries, m.seed); err != nil {
		return nil, err
	}
	m.truth, err = pointTruth(ctx, m.base, ann.Euclidean, m.queries, m.ks[len(m.ks)-1])
	m.forecasts = make([]*Forecast, len(m.queries))
	return m, err
}

// pointTruth returns the IDs of the k exact neighbours of some points, each without the point itself.
func pointTruth(ctx context.Context, base ann.Vectors, metric ann.Metric, points []int32, k int) ([][]int32, error) {
	vectors, err := base.Subset(points)
	if err != nil {
		return nil, err
	}
	index, err := exact.NewMetric(base, metric)
	if err != nil {
		return nil, err
	}
	lists, err := index.SearchBatch(ctx, vectors, k+1)
	if err != nil {
		return nil, err
	}
	truth := make([][]int32, len(lists))
	for i, list := range lists {
		for _, n := range list {
			if n.ID != points[i] && len(truth[i]) < k {
				truth[i] = append(truth[i], n.ID)
			}
		}
	}
	return truth, nil
}

// graphOptions returns the options of the graphs of a run: those of condition 1.
func graphOptions(seed uint64) hnsw.Options {
	return hnsw.Options{M: study.M, EfConstruction: study.Conditions[0].EfConstruction, Seed: seed}
}
