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

// Options are the parameters of a study. The zero values select the parameters of the paper.
type Options struct {
	Embeddings string          // a file that embedding.Open reads
	Metric     ann.Metric      // Euclidean, or Cosine: every vector is divided by its length, and all distances are those of unit vectors
	Out        string          // folder for records.csv and for the parts that an interrupted study resumes from
	Runs       int             // zero means 10
	Subset     int             // points drawn for a run, all of which are also queries; zero means 10,000
	Conditions []string        // names of Conditions; empty means all
	Indexes    []string        // IndexHNSW and keys of Engines; empty means IndexHNSW
	Engines    []engine.Engine // engines that Indexes may name
	Progress   io.Writer       // nil means no progress bar
}

const (
	defaultRuns   = 10
	defaultSubset = 10000
)

// Session holds the state of a study: its options, including defaults, and its embeddings.
type Session struct {
	Options
	Parts string // folder of the stored results for the same embeddings and subset

	all        ann.Vectors
	conditions []Condition
	drawn      *Sample // of the current run
	bar        *progress.Bar
}

// Open checks the options, opens the embeddings and returns a Session. It reports a conversion of the embeddings to float32
// on notes.
func Open(ctx context.Context, o Options, notes io.Writer) (*Session, error) {
	s := &Session{Options: o}
	if err := s.check(); err != nil {
		return nil, err
	}
	var err error
	if s.all, err = interrupt.Wait(ctx, func() (ann.Vectors, error) { return embedding.OpenReporting(o.Embeddings, notes) }); err != nil {
		return nil, err
	}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Embeddings, err)
	}
	if s.Subset > s.all.N {
		return nil, fmt.Errorf("a subset of %d is too large for %s, which holds %d vectors: choose a smaller subset", s.Subset, o.Embeddings, s.all.N)
	}
	if most := slices.Max(Ks()); s.Subset <= most {
		return nil, fmt.Errorf("a subset of %d is too small for k = %d: it must hold more points than k", s.Subset, most)
	}
	s.Parts, err = parts.Folder(o.Out, s.key())
	return s, err
}

// prepare divides the vectors by their lengths if the metric is the cosine, and checks their range.
func (s *Session) prepare() (err error) {
	if s.Metric == ann.Cosine {
		if s.all, err = ann.Normalized(s.all); err != nil {
			return err
		}
	}
	return ann.CheckRange(s.all, ann.Euclidean)
}

func (s *Session) check() error {
	if s.Metric != ann.Euclidean && s.Metric != ann.Cosine {
		return fmt.Errorf("metric %v: a study measures distances and directions, which are defined under %v and %v", s.Metric, ann.Euclidean, ann.Cosine)
	}
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
			return fmt.Errorf("unknown condition %q", name)
		}
	}
	return nil
}

// Draw returns the sample of a run: its points, drawn as NumPy draws them, and their exact neighbours.
func (s *Session) Draw(ctx context.Context, run int) (*Sample, error) {
	return draw(ctx, s.all, s.Subset, run)
}
