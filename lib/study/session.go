package study

import (
	"context"
	"fmt"
	"io"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/interrupt"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/progress"
)

// Options say what to run. Zero values are the paper's.
type Options struct {
	Embeddings string          // a file that embedding.Open reads
	Out        string          // folder for records.csv and for the parts that an interrupted study resumes from
	Runs       int             // zero means 10
	Subset     int             // points drawn for a run, all of them queries too; zero means 10,000
	Conditions []string        // names of Conditions; none means all
	Indexes    []string        // IndexHNSW and keys of Engines; none means IndexHNSW
	Engines    []engine.Engine // those that Indexes may name
	Progress   io.Writer       // nil means nowhere
}

const (
	defaultRuns   = 10
	defaultSubset = 10000
)

// Session is a study under way: its options, with the defaults filled in, and its embeddings.
type Session struct {
	Options
	Parts string // folder of what is computed already, for the same embeddings and subset

	all        ann.Vectors
	conditions []Condition
	drawn      *Sample // of the run under way
	bar        *progress.Bar
}

// Open checks the options and the embeddings before anything long begins. Conversions of embeddings to float32 are
// reported on notes.
func Open(ctx context.Context, o Options, notes io.Writer) (*Session, error) {
	s := &Session{Options: o}
	if err := s.check(); err != nil {
		return nil, err
	}
	var err error
	if s.all, err = interrupt.Wait(ctx, func() (ann.Vectors, error) { return embedding.OpenReporting(o.Embeddings, notes) }); err != nil {
		return nil, err
	}
	if err := ann.CheckRange(s.all, ann.Euclidean); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Embeddings, err)
	}
	if s.Subset > s.all.N {
		return nil, fmt.Errorf("a subset of %d is asked of %s, which holds %d vectors; ask for fewer", s.Subset, o.Embeddings, s.all.N)
	}
	if most := slices.Max(Ks()); s.Subset <= most {
		return nil, fmt.Errorf("a subset of %d is too small for k = %d: it must hold more points than k", s.Subset, most)
	}
	s.Parts, err = parts.Folder(o.Out, s.key())
	return s, err
}

func (s *Session) check() error {
	if s.Runs == 0 {
		s.Runs = defaultRuns
	}
	if s.Subset == 0 {
		s.Subset = defaultSubset
	}
	if s.Runs < 1 || s.Subset < 2 {
		return fmt.Errorf("%d runs of %d points: at least one run of two points is needed", s.Runs, s.Subset)
	}
	if len(s.Indexes) == 0 {
		s.Indexes = []string{IndexHNSW}
	}
	if err := s.checkEngines(); err != nil {
		return err
	}
	for _, c := range Conditions {
		if len(s.Conditions) == 0 || slices.Contains(s.Conditions, c.Name) {
			s.conditions = append(s.conditions, c)
		}
	}
	for _, name := range s.Conditions {
		if !slices.ContainsFunc(Conditions, func(c Condition) bool { return c.Name == name }) {
			return fmt.Errorf("there is no condition %q", name)
		}
	}
	return nil
}

// Draw takes a run's subset, as NumPy draws it, and finds its true neighbours.
func (s *Session) Draw(ctx context.Context, run int) (*Sample, error) {
	return draw(ctx, s.all, s.Subset, run)
}
