package compare

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/table"
)

// Options are the parameters of a comparison. The zero values are those of the study.
type Options struct {
	Base     ann.Vectors
	Metric   ann.Metric
	Engines  []engine.Engine
	K        []int // searched at EfSearch; nil means 10, 20, …, 500, as far as there are points
	EfSearch int   // zero means 50
	Sweep    []int // further values of efSearch, searched with SweepK only: the curve of recall against speed
	SweepK   []int
	Queries  ann.Vectors // no indexed points; if N is 0, the points are the queries
	Truth    [][]int32   // exact neighbours of each query, or of each point; nil means that they are computed
	Sample   int         // number of queries drawn; zero means 200
	Seed     uint64
	Index    engine.Options // parameters of the indexes; its metric is ignored
	Out      string         // folder of the results; the records of an engine that are already in it are read
	Progress io.Writer      // nil means io.Discard
}

// Run runs the searches with one engine after another, writes the tables of the result to o.Out, and returns it. An engine
// that is missing or fails has a row that says why and does not stop the comparison. The records of each engine are stored,
// so that a stopped comparison continues with the next one.
func Run(ctx context.Context, o Options) (*Result, error) {
	s, err := newSession(ctx, o)
	if err != nil {
		return nil, err
	}
	all := &Result{}
	for i, e := range o.Engines {
		fmt.Fprintf(s.Progress, "%d of %d: %s\n", i+1, len(o.Engines), e.Name)
		one, err := s.part(ctx, e)
		if err != nil {
			return nil, err
		}
		all.Engines = append(all.Engines, one.Engines...)
		all.Records = append(all.Records, one.Records...)
	}
	if len(all.Records) == 0 {
		return nil, fmt.Errorf("compare: none of the %d engines could be run, so nothing is written to %s", len(o.Engines), o.Out)
	}
	return all, table.Write(all.Tables(o.Out)...)
}

// session is the state of a comparison.
type session struct {
	Options
	ids     []int32     // rows of the queries that were drawn
	queries ann.Vectors // their vectors
	own     bool        // whether they are points, of which ids are the numbers
	parts   string      // folder of the stored records
	truth   [][]int32   // exact neighbours of the queries, as many as the largest k
}

func newSession(ctx context.Context, o Options) (*session, error) {
	s := &session{Options: o}
	if s.Progress == nil {
		s.Progress = io.Discard
	}
	if err := s.defaults(); err != nil {
		return nil, err
	}
	for _, v := range []ann.Vectors{o.Base, o.Queries} {
		if err := ann.CheckRange(v, o.Metric); err != nil {
			return nil, fmt.Errorf("compare: %w", err)
		}
	}
	var err error
	if s.parts, err = parts.Folder(o.Out); err != nil {
		return nil, err
	}
	if err := s.draw(); err != nil {
		return nil, err
	}
	return s, s.findTruth(ctx)
}

func (s *session) defaults() error {
	s.own = s.Queries.N == 0
	s.Sample = orElse(s.Sample, 200)
	s.EfSearch = orElse(s.EfSearch, engine.DefaultEfSearch)
	s.Index.Metric = s.Metric
	candidates := s.Base.N - s.requested(0)
	if s.K == nil {
		s.K = DefaultK(s.Base.N)
	}
	for _, k := range slices.Concat(s.K, s.SweepK) {
		if err := ann.CheckK(k, candidates); err != nil {
			return fmt.Errorf("compare: %w", err)
		}
	}
	if len(s.K) == 0 {
		return fmt.Errorf("compare: %d points are too few to ask for 10 neighbours", s.Base.N)
	}
	return nil
}

// DefaultK returns the numbers of neighbours that are requested of n points if none are given: 10, 20, …, 500, below n.
func DefaultK(n int) (ks []int) {
	for k := 10; k <= min(500, n-1); k += 10 {
		ks = append(ks, k)
	}
	return ks
}

func orElse(value, standard int) int {
	if value == 0 {
		return standard
	}
	return value
}

// part reads the stored records of an engine, or runs its searches. A missing engine is looked up each time.
func (s *session) part(ctx context.Context, e engine.Engine) (*Result, error) {
	row := newRow(e, s.Base)
	if err := e.Missing(); err != nil {
		row.Missing = err.Error()
		fmt.Fprintf(s.Progress, "  %s\n", row.Missing)
		return &Result{Engines: []Row{row}}, nil
	}
	row.Version = e.Version()
	one, _, err := storedResults.Get(filepath.Join(s.parts, s.key(e)), func() (*Result, error) { return s.result(ctx, e, row) })
	return one, err
}

// storedResults reads and writes the stored result of one engine. That of an engine that failed is not kept.
var storedResults = parts.Kind[*Result]{
	Read: Read,
	Write: func(dir string, r *Result) error {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		return table.Write(r.Tables(dir)...)
	},
	Keep: func(r *Result) bool { return r.Engines[0].Missing == "" },
}

// result runs all searches of an engine. If they fail, the result has a row that says why and no records.
func (s *session) result(ctx context.Context, e engine.Engine, row Row) (*Result, error) {
	records, err := s.record(ctx, e, &row)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		row.Missing = err.Error()
		fmt.Fprintf(s.Progress, "  %s\n", row.Missing)
		return &Result{Engines: []Row{row}}, nil
	}
	row.Observed = observed(records, s.requested(0))
	return &Result{[]Row{row}, records}, nil
}

// partsVersion changes when the records of the same engine and vectors change.
const partsVersion = 3

// key returns a folder name that depends on all inputs of an engine's records.
func (s *session) key(e engine.Engine) string {
	key := parts.Key(func(sum io.Writer) {
		fmt.Fprintln(sum, partsVersion, e.Version(), s.Metric, s.K, s.EfSearch, s.Sweep, s.SweepK, len(s.ids), s.Seed,
			s.Index.M, s.Index.EfConstruction, s.Index.Threads, s.Index.Seed, s.Base.N, s.Base.D)
		binary.Write(sum, binary.LittleEndian, s.Base.Data)
		binary.Write(sum, binary.LittleEndian, s.Queries.Data)
		if s.Truth != nil {
			fmt.Fprint(sum, s.truth)
		}
	})
	return e.Key + "-" + key
}

// record builds the engine's index and runs all searches.
func (s *session) record(ctx context.Context, e engine.Engine, row *Row) (records []Record, err error) {
	options := s.Index
	options.Progress = s.Progress
	started := time.Now()
	index, err := e.Build(ctx, s.Base, options)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	row.BuildTime = time.Since(started).Seconds()
	size := index.Size()
	row.Memory, row.Disk = float64(size.Memory)/1e6, float64(size.Disk)/1e6
	for _, q := range s.searches(e) {
		record, err := s.ask(ctx, e, index, q)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// parameters are those of one search.
type parameters struct{ efSearch, k int }

// searches returns the parameters of all searches with e: every k at s.EfSearch, and the sweep. For an exact engine, whose
// answer at a smaller k is the beginning of that at a larger one, it returns the smallest and the largest k and those of the
// sweep.
func (s *session) searches(e engine.Engine) (all []parameters) {
	if e.Exact() {
		for _, k := range slices.Compact(slices.Sorted(slices.Values(append([]int{s.K[0], s.K[len(s.K)-1]}, s.SweepK...)))) {
			all = append(all, parameters{0, k})
		}
		return all
	}
	for _, k := range s.K {
		all = append(all, parameters{s.EfSearch, k})
	}
	for _, ef := range s.Sweep {
		for _, k := range s.SweepK {
			if q := (parameters{ef, k}); !slices.Contains(all, q) {
				all = append(all, q)
			}
		}
	}
	return all
}
