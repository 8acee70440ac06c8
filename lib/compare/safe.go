package compare

// SafeRow is what a user of one engine must set, so that an answer of k holds the true neighbours.
type SafeRow struct {
	Engine   string  `csv:"engine"`
	Setting  string  `csv:"setting"` // what efSearch is called there
	K        int     `csv:"k"`
	Wanted   float64 `csv:"wanted"`    // mean overlap
	EfSearch int     `csv:"ef_search"` // the smallest of those asked that reaches it with every slot filled; 0 where none did
	Overlap  float64 `csv:"overlap"`   // there; where none did, the best
	Second   float64 `csv:"batch_queries_per_second"`
}

// Safe returns, engine by engine in their order, what it takes to reach a mean overlap at k. Exact engines have nothing to set,
// and engines that were not asked for k are left out.
func (r *Result) Safe(k int, wanted float64) (rows []SafeRow) {
	for _, e := range r.Engines {
		row := SafeRow{Engine: e.Engine, Setting: e.Effort, K: k, Wanted: wanted}
		asked := false
		for _, x := range r.Records {
			if x.Engine == e.Engine && x.K == k && x.EfSearch > 0 {
				row.consider(x)
				asked = true
			}
		}
		if asked {
			rows = append(rows, row)
		}
	}
	return rows
}

// consider takes a record over where it is safe with less effort than the one before, or nothing was safe and it is better.
func (s *SafeRow) consider(r Record) {
	if r.Error != "" {
		return
	}
	safe := r.Overlap >= s.Wanted && r.EmptyShare == 0
	better := s.EfSearch == 0 && r.Overlap > s.Overlap
	if safe && (s.EfSearch == 0 || r.EfSearch < s.EfSearch) {
		s.EfSearch, better = r.EfSearch, true
	}
	if better {
		s.Overlap, s.Second = r.Overlap, r.BatchPerSecond
	}
}
