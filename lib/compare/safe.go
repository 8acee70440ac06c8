package compare

import "cmp"

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

// settings are what each engine calls efSearch.
var settings = map[string]string{
	"anncapacity HNSW Pad":          "hnsw.SearchOptions.EfSearch",
	"anncapacity HNSW Raise":        "hnsw.SearchOptions.EfSearch",
	"anncapacity HNSW Truncate":     "hnsw.SearchOptions.EfSearch",
	"anncapacity HNSW Reject":       "hnsw.SearchOptions.EfSearch",
	"FAISS HNSW":                    "index.hnsw.efSearch",
	"FAISS HNSW, unbounded queue":   "index.hnsw.efSearch, with search_bounded_queue = false",
	"FAISS IVF":                     "index.nprobe (lists, not points)",
	"hnswlib":                       "set_ef (setEf in C++)",
	"coder/hnsw":                    "Graph.EfSearch (without effect)",
	"k-d tree, best first":          "leaves of trees.KD.BestFirst",
	"PyNNDescent":                   "epsilon of query, here efSearch / 500",
	"pgvector HNSW":                 "hnsw.ef_search (1 to 1,000)",
	"pgvector HNSW, iterative scan": "hnsw.ef_search, with hnsw.iterative_scan = strict_order",
	"DuckDB vss HNSW":               "hnsw_ef_search",
	"Milvus Lite HNSW":              "ef of the search parameters",
	"Milvus HNSW":                   "ef of the search parameters (at least k)",
}

// Safe is, engine by engine in their order, what it takes to reach a mean overlap at k. Exact engines have nothing to set, and
// engines that were not asked for k are left out.
func Safe(records []Record, k int, wanted float64) (rows []SafeRow) {
	at := map[string]int{}
	for _, r := range records {
		if r.K != k || r.EfSearch == 0 {
			continue
		}
		i, known := at[r.Engine]
		if !known {
			i = len(rows)
			at[r.Engine] = i
			rows = append(rows, SafeRow{Engine: r.Engine, Setting: cmp.Or(settings[r.Engine], "efSearch"), K: k, Wanted: wanted})
		}
		rows[i].consider(r)
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
