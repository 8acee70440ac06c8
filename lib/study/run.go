// Package study runs the paper's three conditions on embeddings. A run draws points, finds their exact neighbours, builds
// the indexes of a condition, performs one walk for every query, and computes every measure of package fidelity at every k
// from the walks. The results are records, one row per run, condition, value, index and k.
//
// The conditions are a table (conditions.go). Each finished run is stored as a part, and an interrupted study resumes from
// its parts. The same seed gives the same records for every GOMAXPROCS.
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

// Names of the files that Run writes to Options.Out. AsPublishedFile holds the records of the condition AsPublished.
const (
	RecordsFile     = "records.csv"
	AsPublishedFile = "as_published.csv"
)

// Run runs every condition on every index, writes the records to Options.Out and returns them. It stores each run of a
// condition when the run ends, and does not repeat a run that is stored for the same embeddings and subset. The file also
// contains the records of other conditions whose runs are all stored. The bytes of the records of IndexHNSW depend neither
// on GOMAXPROCS nor on interruptions.
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

// store writes the tables of a study and returns records, or asPublished if there are no records of other conditions.
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

// stored returns the records of the conditions that are not selected now and whose runs are all stored.
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

// storedRuns returns the stored records of all runs of a condition, or an error if one is missing.
func (s *Session) storedRuns(c Condition) (records []Record, err error) {
	for run := range s.Runs {
		for _, index := range s.Indexes {
			if !included(index, run, c) {
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

// run returns the records of one run of a condition. It computes those that are not stored.
func (s *Session) run(ctx context.Context, run int, c Condition) (records []Record, err error) {
	for _, index := range s.Indexes {
		if !included(index, run, c) {
			continue
		}
		some, found, err := storedRecords.Get(s.part(index, run, c), func() ([]Record, error) { return s.measure(ctx, run, index, c) })
		if err != nil {
			return nil, err
		}
		if found {
			s.bar.Add(s.searches(index, c))
		}
		records = append(records, some...)
	}
	return records, nil
}

// measure computes the records of one run of a condition on one index.
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

// drawNext replaces the sample of the previous run by that of the given run.
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

// included reports whether a run of a condition includes an index.
func included(index string, run int, c Condition) bool {
	return index == IndexHNSW || run < engineRuns && c.Parameter == EfSearch
}

// queries returns the number of queries of a run on an index.
func (s *Session) queries(index string) int {
	if index != IndexHNSW {
		return max(1, s.Subset/engineShare)
	}
	return s.Subset
}

// searches returns the number of searches of a run of a condition on an index: one walk per query on the project's own
// index, and one search per query, value and k in an engine.
func (s *Session) searches(index string, c Condition) int {
	if index != IndexHNSW {
		return s.queries(index) * len(c.Values) * len(Ks())
	}
	return s.queries(index)
}

// steps returns the length of the progress bar: the number of searches of all runs, conditions and indexes.
func (s *Session) steps() int {
	steps := 0
	for run := range s.Runs {
		for _, c := range s.conditions {
			for _, index := range s.Indexes {
				if included(index, run, c) {
					steps += s.searches(index, c)
				}
			}
		}
	}
	return steps
}
