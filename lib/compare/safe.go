package compare

// A SafeRow holds the smallest efSearch of one engine whose answers of k neighbours reach a mean overlap.
type SafeRow struct {
	Engine   string  `csv:"engine"`
	Setting  string  `csv:"setting"` // the engine's name of efSearch
	K        int     `csv:"k"`
	Wanted   float64 `csv:"wanted"`    // the mean overlap required
	EfSearch int     `csv:"ef_search"` // the smallest one recorded that reaches Wanted with every slot filled; 0 if none does
	Overlap  float64 `csv:"overlap"`   // at EfSearch; if that is 0, the largest recorded
	Second   float64 `csv:"batch_queries_per_second"`
}

// Safe returns a row for each approximate engine, in the order of r.Engines: the smallest recorded efSearch that reaches the
// mean overlap wanted at k. Exact engines and engines without a record at k have no row.
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

// consider updates s with a record that reaches the required overlap at a smaller efSearch, or, if none has reached it, with a
// record of a larger overlap.
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
