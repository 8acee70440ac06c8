package compare

import (
	"context"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/internal/progress"
)

// draw sets the queries to a random choice.
func (s *session) draw() (err error) {
	of := s.Queries
	if s.own {
		of = s.Base
	}
	if s.ids, err = numpy.Choice(of.N, min(s.Sample, of.N), s.Seed); err != nil {
		return err
	}
	s.queries, err = of.Subset(s.ids)
	return err
}

// requested returns the number of neighbours to request from an engine for k: one more if a query is a point.
func (s *session) requested(k int) int {
	if s.own {
		return k + 1
	}
	return k
}

// query returns query i of those that were drawn.
func (s *session) query(i int) ann.Query {
	if s.own {
		return ann.Point(s.Base, s.ids[i])
	}
	return ann.Query{Vector: s.queries.Row(i)}
}

// findTruth sets s.truth to the rows of s.Truth, or searches for it.
func (s *session) findTruth(ctx context.Context) error {
	most := slices.Max(slices.Concat(s.K, s.SweepK))
	if s.Truth != nil {
		return s.takeTruth(most)
	}
	index, err := exact.NewMetric(s.Base, s.Metric)
	if err != nil {
		return err
	}
	bar := progress.New(s.Progress, fmt.Sprintf("%d exact neighbours of %d queries", most, s.queries.N), 1000, "")
	index.Progress = bar.SetShare
	lists, err := index.SearchBatch(ctx, s.queries, s.requested(most))
	bar.Stop()
	if err != nil {
		return err
	}
	for i, list := range lists {
		self, own := s.query(i).Self()
		others := make([]int32, 0, most)
		for _, n := range list {
			if !(own && n.ID == self) && len(others) < most {
				others = append(others, n.ID)
			}
		}
		s.truth = append(s.truth, others)
	}
	return nil
}

// takeTruth sets s.truth to the rows of s.Truth.
func (s *session) takeTruth(most int) error {
	for _, id := range s.ids {
		if int(id) >= len(s.Truth) || len(s.Truth[id]) < most {
			return fmt.Errorf("compare: the truth holds no %d neighbours of query %d", most, id)
		}
		s.truth = append(s.truth, s.Truth[id])
	}
	return nil
}
