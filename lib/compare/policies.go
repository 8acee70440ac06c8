package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/table"
)

// An Observation is what one engine returned for k > efSearch in the comparison of Trial.
type Observation struct {
	Key      string        `csv:"key"` // of the engine
	Version  string        `csv:"version"`
	Date     string        `csv:"date"` // year-month-day
	Observed engine.Policy `csv:"observed"`
	EfSearch int           `csv:"ef_search"` // 0 for an exact engine
	K        int           `csv:"k"`
	Returned int           `csv:"returned_most"` // number of IDs in the longest answer
	Fill     float64       `csv:"fill"`          // |answer| / k, mean; NaN after an error
	Overlap  float64       `csv:"overlap"`       // |exact ∩ answer| / k, mean; NaN after an error
	Error    string        `csv:"error"`
}

const (
	trialK        = 400
	trialEfSearch = 20
)

// Trial returns the comparison that shows the policy of e: 40 queries among 1,500 points in 24 dimensions around 21 centres, with
// k = 400 at efSearch 20 or e.Trial.EfSearch, under the first metric of e. Its tables are written to out.
func Trial(e engine.Engine, out string) Options {
	return Options{
		Base: trialPoints(), Engines: []engine.Engine{e}, K: []int{10, 50, trialK}, EfSearch: cmp.Or(e.Trial.EfSearch, trialEfSearch), Sweep: []int{10, 100},
		SweepK: []int{10}, Sample: 40, Out: out, Index: engine.Options{M: 8}, Metric: e.Metrics[0],
	}
}

func trialPoints() ann.Vectors {
	const n, d = 1500, 24
	rng := rand.New(rand.NewPCG(1, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(5*((i/d)%7)*((i%d)%3)) + float32(rng.NormFloat64())
	}
	return v
}

// Observe runs the trial of e and returns what it shows. An engine that is missing or fails is an error.
func Observe(ctx context.Context, e engine.Engine) (o Observation, err error) {
	out, err := os.MkdirTemp("", "anncapacity-policies-*")
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(out)) }()
	s, err := newSession(ctx, Trial(e, out))
	if err != nil {
		return o, err
	}
	result, err := s.part(ctx, e)
	if err != nil {
		return o, err
	}
	row := result.Engines[0]
	i := slices.IndexFunc(result.Records, func(r Record) bool { return r.K == trialK })
	if row.Missing != "" || i < 0 {
		return o, errors.New(row.Missing)
	}
	r := result.Records[i]
	return Observation{
		Key: e.Key, Version: row.Version, Date: time.Now().UTC().Format(time.DateOnly), Observed: row.Observed, EfSearch: r.EfSearch, K: r.K,
		Returned: r.ReturnedMost, Fill: rounded(r.Fill), Overlap: rounded(r.Overlap), Error: r.Error,
	}, nil
}

// rounded returns x to three digits after the point.
func rounded(x float64) float64 { return math.Round(1000*x) / 1000 }

// ObservationTable returns the table of observations in the folder dir.
func ObservationTable(dir string, rows []Observation) table.Table {
	return table.New(filepath.Join(dir, observations), rows)
}

const observations = "engine_policies.csv"

// ReadObservations returns the observations that are stored in dir; none if there is no table.
func ReadObservations(dir string) ([]Observation, error) {
	path := filepath.Join(dir, observations)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return read[Observation](path, " -policies")
}

// ObserveAll observes every engine of asked that is available, and returns the rows in the order of all. The row of an engine
// that is not asked, or not available, is that of before. After each engine, store is called with the rows so far, those of
// before for engines that are still to be asked. After the error of an engine it continues with the next one, and returns the
// rows and every error. report is called with each engine before it is asked, and the reason if it is not.
func ObserveAll(ctx context.Context, all, asked []engine.Engine, before []Observation, report func(engine.Engine, error), store func([]Observation) error) ([]Observation, error) {
	rows := inOrder(all, before)
	var failed []error
	for _, e := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(asked, func(a engine.Engine) bool { return a.Key == e.Key }) {
			continue
		}
		missing := e.Missing()
		report(e, missing)
		if missing != nil {
			continue
		}
		found, err := Observe(ctx, e)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", e.Name, err))
			continue
		}
		rows = inOrder(all, append([]Observation{found}, rows...))
		if err := store(rows); err != nil {
			return rows, errors.Join(append(failed, err)...)
		}
	}
	return rows, errors.Join(failed...)
}

// inOrder returns the first row of each engine, in the order of all.
func inOrder(all []engine.Engine, rows []Observation) (ordered []Observation) {
	for _, e := range all {
		if row, known := observationOf(rows, e.Key); known {
			ordered = append(ordered, row)
		}
	}
	return ordered
}

func observationOf(rows []Observation, key string) (Observation, bool) {
	i := slices.IndexFunc(rows, func(o Observation) bool { return o.Key == key })
	if i < 0 {
		return Observation{}, false
	}
	return rows[i], true
}
