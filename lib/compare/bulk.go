package compare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/own"
	"anncapacity/lib/exact"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/internal/parallel"
)

// BulkOptions are the parameters of Bulk, which times the search for the neighbours of every point of a set.
type BulkOptions struct {
	Base     ann.Vectors
	Metric   ann.Metric
	K        int
	Engines  []engine.Engine // a missing engine has a row with the reason
	EfSearch int             // of the approximate engines
	Index    engine.Options
	Time     time.Duration // for each way of searching; times of fewer queries are scaled to all points. Zero means 10 s
	Progress io.Writer     // nil means io.Discard
}

// A BulkRow is the time of one engine in one way of searching.
type BulkRow struct {
	Engine        string  `csv:"engine"`
	Deterministic int     `csv:"deterministic"` // 1 if two builds give the same answers, else 0
	Metric        string  `csv:"metric"`
	Way           string  `csv:"way"`    // "all pairs", "batch" or "one query at a time"
	Points        int     `csv:"points"` // each of them is a query
	Dimensions    int     `csv:"dimensions"`
	K             int     `csv:"k"`
	Measured      int     `csv:"measured"` // number of queries timed
	Seconds       float64 `csv:"seconds"`  // for all queries, scaled from the timed ones; construction not counted
	Build         float64 `csv:"build_s"`
	Ratio         float64 `csv:"ratio"`   // Seconds relative to those of the project's all pairs
	Overlap       float64 `csv:"overlap"` // with the exact neighbours, mean over the timed queries; ties count as differences
	Missing       string  `csv:"missing"`
}

// Bulk times the project's exact search over all pairs, then every engine on as many queries as Time allows. It returns one
// row for each engine and way of searching. An engine that is missing or fails has one row, which says why.
func Bulk(ctx context.Context, o BulkOptions) ([]BulkRow, error) {
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if o.Time == 0 {
		o.Time = 10 * time.Second
	}
	o.Index.Metric = o.Metric
	if err := ann.CheckRange(o.Base, o.Metric); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	x, err := exact.NewMetric(o.Base, o.Metric)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(o.Progress, "all pairs, %v\n", o.Metric)
	started := time.Now()
	truth, err := x.SearchAll(ctx, o.K)
	if err != nil {
		return nil, err
	}
	seconds := time.Since(started).Seconds()
	first := o.row(own.Exact(), AllPairs)
	first.Measured, first.Seconds, first.Ratio, first.Overlap = o.Base.N, seconds, 1, 1
	rows := []BulkRow{first}
	for _, e := range o.Engines {
		fmt.Fprintf(o.Progress, "%s, %v\n", e.Name, o.Metric)
		more, err := o.engine(ctx, e, truth)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(o.Progress, "  %v\n", err)
			more = []BulkRow{o.row(e, "")}
			more[0].Missing = err.Error()
		}
		for i := range more {
			more[i].Ratio = more[i].Seconds / seconds
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// The ways of searching.
const (
	AllPairs = "all pairs"
	OneByOne = "one query at a time"
	Batch    = "batch"
)

// row returns a row without times.
func (o BulkOptions) row(e engine.Engine, way string) BulkRow {
	return BulkRow{Engine: e.Name, Deterministic: oneIf(e.Deterministic), Metric: o.Metric.String(), Way: way, Points: o.Base.N, Dimensions: o.Base.D, K: o.K}
}

// engine times one engine in both ways.
func (o BulkOptions) engine(ctx context.Context, e engine.Engine, truth []ann.Neighbors) (rows []BulkRow, err error) {
	started := time.Now()
	index, err := e.Build(ctx, o.Base, o.Index)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	build := time.Since(started).Seconds()
	if !e.Exact() {
		if err := index.SetEfSearch(o.EfSearch); err != nil {
			return nil, err
		}
	}
	s := engine.Searcher{Index: index, Name: e.Name, Base: o.Base, Metric: o.Metric}
	for _, way := range []struct {
		name string
		ask  func(queries ann.Vectors) ([]engine.Answer, error)
	}{
		{OneByOne, func(q ann.Vectors) ([]engine.Answer, error) { return o.single(ctx, index, q) }},
		{Batch, func(q ann.Vectors) ([]engine.Answer, error) { return index.AskBatch(ctx, q, o.K+1) }},
	} {
		row := o.row(e, way.name)
		row.Build = build
		if err := o.time(&row, s, way.ask, truth); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// single searches for one query after another.
func (o BulkOptions) single(ctx context.Context, index engine.Index, queries ann.Vectors) ([]engine.Answer, error) {
	answers := make([]engine.Answer, queries.N)
	for i := range answers {
		var err error
		if answers[i], err = index.Ask(ctx, queries.Row(i), o.K+1); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// time times batches, each of four times as many queries as the one before, until one takes a quarter of o.Time or has all
// points. It stores the results of the last batch in row.
func (o BulkOptions) time(row *BulkRow, s engine.Searcher, ask func(ann.Vectors) ([]engine.Answer, error), truth []ann.Neighbors) error {
	for n := min(25, o.Base.N); ; n = min(4*n, o.Base.N) {
		queries := ann.Vectors{N: n, D: o.Base.D, Data: o.Base.Data[:n*o.Base.D]}
		started := time.Now()
		answers, err := ask(queries)
		if err != nil {
			return err
		}
		took := time.Since(started)
		if took < o.Time/4 && n < o.Base.N {
			continue
		}
		row.Measured = n
		row.Seconds = took.Seconds() * float64(o.Base.N) / float64(n)
		row.Overlap, err = o.overlap(s, answers, truth)
		return err
	}
}

// overlap returns the mean overlap of the answers with the exact neighbours.
func (o BulkOptions) overlap(s engine.Searcher, answers []engine.Answer, truth []ann.Neighbors) (float64, error) {
	sum := 0.
	for i, a := range answers {
		list, err := s.Neighbors(ann.Point(o.Base, int32(i)), o.K, a)
		if err != nil {
			return 0, err
		}
		ids := make([]int32, len(truth[i]))
		for j, n := range truth[i] {
			ids[j] = n.ID
		}
		sum += fidelity.OverlapAt(ids, list, o.K)
	}
	return sum / float64(len(answers)), nil
}

// BulkVectors returns n vectors of d dimensions: the rows of v after a seeded Gaussian random projection. If v has fewer than
// n rows, they are repeated, each repetition with additional Gaussian noise of a tenth of the coordinates' standard
// deviation.
func BulkVectors(v ann.Vectors, n, d int, seed uint64) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 0))
	projection := make([]float32, d*v.D)
	for i := range projection {
		projection[i] = float32(rng.NormFloat64() / math.Sqrt(float64(d)))
	}
	out := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	parallel.For(min(n, v.N), func(i int) {
		for j := range d {
			out.Data[i*d+j] = -ann.InnerProduct.Distance(v.Row(i), projection[j*v.D:(j+1)*v.D])
		}
	})
	noise := spread(out.Data[:min(n, v.N)*d]) / 10
	for i := v.N * d; i < n*d; i++ {
		out.Data[i] = out.Data[i-v.N*d] + float32(rng.NormFloat64()*noise)
	}
	return out
}

// spread returns the standard deviation.
func spread(data []float32) float64 {
	var sum, squares float64
	for _, x := range data {
		sum += float64(x)
		squares += float64(x) * float64(x)
	}
	n := float64(len(data))
	return math.Sqrt(max(0, squares/n-sum*sum/n/n))
}
