// Package study measures the paper's three conditions on embeddings. A run draws points, finds their exact neighbours,
// builds the indexes of a condition, walks once for every query, and computes every measure of package fidelity at every
// k from the walks. Its results are records, one row per run, condition, value, index and k.
//
// Conditions are a table (conditions.go). A run that was finished is kept as a part, and a study that was stopped resumes
// from its parts. The same seed gives the same records whatever GOMAXPROCS is.
package study

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"

	"anncapacity/lib/internal/progress"
	"anncapacity/lib/internal/table"
)

// Where Run leaves its records in Options.Out, those of the condition AsPublished apart.
const (
	RecordsFile     = "records.csv"
	AsPublishedFile = "as_published.csv"
)

// Run measures every condition on every index and writes Out/records.csv. Each run of a condition is stored as it
// ends, and one that is already stored, for the same embeddings and subset, is not computed again. The file keeps the
// records of other conditions that are complete. The records of IndexHNSW are the same to the byte whatever GOMAXPROCS is and wherever a study was interrupted.
func Run(ctx context.Context, o Options) ([]Record, error) {
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	s, err := Open(ctx, o, o.Progress)
	if err != nil {
		return nil, err
	}
	s.bar = progress.New(o.Progress, "", s.steps(), "queries")
	defer s.bar.Stop()
	var records, asPublished []Record
	for run := range s.Runs {
		for _, c := range s.conditions {
			found, err := s.run(ctx, run, c)
			if err != nil {
				return nil, err
			}
			if c.Name == AsPublished {
				asPublished = append(asPublished, found...)
			} else {
				records = append(records, found...)
			}
		}
	}
	return s.store(records, asPublished)
}

// store writes the tables of a study and returns the records of its conditions, those of AsPublished where there are no
// others.
func (s *Session) store(records, asPublished []Record) ([]Record, error) {
	var tables []table.Table
	if len(asPublished) > 0 {
		tables = append(tables, table.New(filepath.Join(s.Out, AsPublishedFile), asPublished))
	}
	if len(records) == 0 {
		return asPublished, table.Write(tables...)
	}
	kept, err := s.stored()
	if err != nil {
		return nil, err
	}
	all := slices.Concat(records, kept)
	for _, rows := range [][]Record{records, all} {
		slices.SortStableFunc(rows, func(a, b Record) int {
			return cmp.Or(slices.Index(s.Indexes, a.Index)-slices.Index(s.Indexes, b.Index), a.Condition-b.Condition)
		})
	}
	return records, table.Write(append(tables, table.New(filepath.Join(s.Out, RecordsFile), all))...)
}

// stored returns the records of the conditions that are not run now and of which every run is stored.
func (s *Session) stored() (kept []Record, err error) {
	for _, c := range Conditions {
		if c.Name == AsPublished || slices.ContainsFunc(s.conditions, func(o Condition) bool { return o.Name == c.Name }) {
			continue
		}
		of, err := s.storedRuns(c)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		kept = append(kept, of...)
	}
	return kept, nil
}

// storedRuns returns the stored records of all runs of a condition, or the error at the first that is missing.
func (s *Session) storedRuns(c Condition) (records []Record, err error) {
	for run := range s.Runs {
		for _, index := range s.Indexes {
			if !asked(index, run, c) {
				continue
			}
			of, err := ReadRecords(s.part(index, run, c))
			if err != nil {
				return nil, err
			}
			records = append(records, of...)
		}
	}
	return records, nil
}

// run gives the records of one run of a condition: the stored ones, and those of what is missing.
func (s *Session) run(ctx context.Context, run int, c Condition) (records []Record, err error) {
	for _, index := range s.Indexes {
		if !asked(index, run, c) {
			continue
		}
		some, found, err := storedRecords.Get(s.part(index, run, c), func() ([]Record, error) { return s.measure(ctx, run, index, c) })
		if err != nil {
			return nil, err
		}
		if found {
			s.bar.Add(s.questions(index, c))
		}
		records = append(records, some...)
	}
	return records, nil
}

func (s *Session) measure(ctx context.Context, run int, index string, c Condition) ([]Record, error) {
	if s.drawn == nil || s.drawn.Run != run {
		if err := s.drawNext(ctx, run); err != nil {
			return nil, err
		}
	}
	var m *measurement
	var err error
	if index == IndexHNSW {
		m, err = measureWalks(ctx, s.drawn, c, func() { s.bar.Add(1) })
	} else {
		m, err = measureEngine(ctx, s.engine(index), s.drawn, c, s.queries(index), s.bar.Add)
	}
	if err != nil {
		return nil, err
	}
	return m.records(), nil
}

// drawNext draws a run's sample in the place of the run before.
func (s *Session) drawNext(ctx context.Context, run int) error {
	s.bar.Describe(fmt.Sprintf("run %d of %d", run+1, s.Runs))
	s.drawn = nil
	runtime.GC() // so that the matrices of two runs are never held at once
	d, err := s.Draw(ctx, run)
	if err != nil {
		return err
	}
	if err := d.measureExact(ctx); err != nil {
		return err
	}
	s.drawn = d
	return nil
}

// asked says whether an index is measured in a run under a condition.
func asked(index string, run int, c Condition) bool {
	return index == IndexHNSW || run < engineRuns && c.Parameter == EfSearch
}

// queries is how many queries a run asks an index.
func (s *Session) queries(index string) int {
	if index != IndexHNSW {
		return max(1, s.Subset/engineShare)
	}
	return s.Subset
}

// questions is how often a run asks an index under a condition: an engine every query at every value and k.
func (s *Session) questions(index string, c Condition) int {
	if index != IndexHNSW {
		return s.queries(index) * len(c.Values) * len(Ks())
	}
	return s.queries(index)
}

// steps is the length of the progress bar: the questions of every run, condition and index.
func (s *Session) steps() int {
	steps := 0
	for run := range s.Runs {
		for _, c := range s.conditions {
			for _, index := range s.Indexes {
				if asked(index, run, c) {
					steps += s.questions(index, c)
				}
			}
		}
	}
	return steps
}
