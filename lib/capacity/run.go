// Package capacity computes tables that explain the records of a study from one walk per query: the overlap at every
// (k, efSearch), the number of nodes that a search visits and the failures predicted from it, the answers under the policies
// of engines, and the effects of construction and hubness. Each table is defined in a file of its own.
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

// Run computes the tables on the points of run 0 of a study, writes them to Options.Out and returns them. It does not
// repeat the computation if the tables are stored for the same embeddings and subset. It ignores the options Runs,
// Conditions and Indexes.
func Run(ctx context.Context, o study.Options) (*Results, error) {
	o.Runs, o.Conditions, o.Indexes = 1, nil, nil
	s, err := study.Open(ctx, o, io.Discard) // study.Run reports a conversion of the embeddings
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
	done := func() { bar.Add(1) }
	d, err := s.Draw(ctx, 0)
	if err != nil {
		return nil, err
	}
	g, err := d.Graph(ctx, study.Conditions[0].EfConstruction)
	if err != nil {
		return nil, err
	}
	w, err := walkAll(ctx, d, g, kept{slices.Concat(surfaceEfSearch(), study.FixedEfSearch(), policyEfSearch()), study.FixedEfSearch()}, done)
	if err != nil {
		return nil, err
	}
	r := &Results{Surface: surface(w), Capacity: capacities(w), Failure: failure(w), Policies: policies(w), Hubness: hubness(d, w)}
	r.Construction, r.HardFailure, err = compareGraphs(ctx, d, done)
	return r, err
}
