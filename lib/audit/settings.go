package audit

import (
	"fmt"
	"slices"

	"anncapacity/lib/report"
)

// report returns a report without its results.
func (p *problem) report() *report.Report {
	return &report.Report{
		Version: report.Version, Kind: report.KindFile, Name: p.Name, Engine: p.library().name, EngineVersion: p.Index.Version,
		Effort: p.library().effort, N: p.Index.Live(), D: p.Index.Vectors.D, Metric: report.MetricName(p.Index.Metric),
		Policy: string(p.library().Policy), Queries: p.asked.N, Target: report.ByDistance, Wanted: p.Recall,
	}
}

// observation returns what a query got at a setting. i is the index of k.
func (s *survey) observation(i, q, efSearch int) report.Observation {
	k := s.K[i]
	a := at(s.steps[i][q], s.effort(k, efSearch))
	return report.Observation{Same: int(a.same), ByDistance: int(a.near), Length: int(a.length), Possible: min(k, s.candidates())}
}

// settings returns a row for each k and efSearch, and for the advice.
func (s *survey) settings(advice *report.Advice) (rows []report.Setting, err error) {
	present := s.present()
	for i, k := range s.K {
		efs := slices.Clone(s.EfSearch)
		if advice != nil && advice.K == k {
			efs = append(efs, advice.EfSearch)
		}
		for _, ef := range slices.Compact(slices.Sorted(slices.Values(efs))) {
			of := make([]report.Observation, s.asked.N)
			for q := range of {
				of[q] = s.observation(i, q, ef)
			}
			row, err := report.NewSetting(k, ef, report.ByDistance, of)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.Name, err)
			}
			row.Present, row.Capacity = ef == present, s.capacity(s.effort(k, ef))
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// capacity returns the capacity of the library's search with an efSearch, or nil if it was not counted.
func (s *survey) capacity(effort int) *report.Capacity {
	i, counted := slices.BinarySearch(s.efforts, effort)
	if !counted {
		return nil
	}
	c, sum := &report.Capacity{}, int64(0)
	for _, n := range s.visited[i] {
		sum += int64(n)
	}
	c.Visited = float64(sum) / float64(s.asked.N)
	for k := s.depth; k > 0 && c.LargestK == 0; k-- {
		if float64(s.hits[i][k-1]) >= s.Recall*float64(k)*float64(s.asked.N) {
			c.LargestK = k
		}
	}
	return c
}
