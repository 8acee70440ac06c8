// Package capacity explains the records of a study by what one walk per query shows: the overlap at every (k, efSearch),
// how many nodes a search visits and the failures that this predicts, what the policies of engines make of one index, and
// what construction and hubness have to do with it. One table, one file.
package capacity

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"

	"anncapacity/lib/internal/progress"
	"anncapacity/lib/study"
)

// ComparedEfSearch is the efSearch at which graphs and policies are compared: that of condition 2.
const ComparedEfSearch = 50

// Run computes the tables on the points of a study's run 0 and stores them in Options.Out. Tables that are stored already,
// for the same embeddings and subset, are not computed again. Runs, Conditions and Indexes are not used.
func Run(ctx context.Context, o study.Options) (*Results, error) {
	o.Runs, o.Conditions, o.Indexes = 1, nil, nil
	s, err := study.Open(ctx, o, io.Discard) // study.Run reports what is converted
	if err != nil {
		return nil, err
	}
	r, err := Read(s.Parts)
	if errors.Is(err, fs.ErrNotExist) {
		r, err = run(ctx, s)
		if err == nil {
			err = r.write(s.Parts)
		}
	}
	if err != nil {
		return nil, err
	}
	return r, r.write(o.Out)
}

func run(ctx context.Context, s *study.Session) (*Results, error) {
	bar := progress.New(s.Progress, "capacity", s.Subset*(1+len(comparedGraphs())), "queries")
	defer bar.Stop()
	asked := func() { bar.Add(1) }
	d, err := s.Draw(ctx, 0)
	if err != nil {
		return nil, err
	}
	g, err := d.Graph(ctx, study.Conditions[0].EfConstruction)
	if err != nil {
		return nil, err
	}
	w, err := walkAll(ctx, d, g, reach{slices.Concat(surfaceEfSearch(), study.FixedEfSearch(), policyEfSearch()), study.FixedEfSearch()}, asked)
	if err != nil {
		return nil, err
	}
	r := &Results{Surface: surface(w), Capacity: capacities(w), Failure: failure(w), Policies: policies(w), Hubness: hubness(d, w)}
	r.Construction, r.HardFailure, err = compareGraphs(ctx, d, asked)
	return r, err
}
