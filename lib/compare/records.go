// Package compare asks every engine the same questions on the same vectors and records what comes back.
package compare

import (
	"path/filepath"

	"anncapacity/lib/internal/table"
)

// Record is what one engine answered at one (efSearch, k), over the queries. Every query is an indexed point: the engine is
// asked for k + 1 and the point itself is left out, by identity.
type Record struct {
	Engine   string `csv:"engine"`
	Metric   string `csv:"metric"`
	EfSearch int    `csv:"ef_search"` // 0 for an exact engine
	K        int    `csv:"k"`
	Queries  int    `csv:"queries"`

	// What came back, of the k that were wanted. Distances are computed here, never the engine's.
	Overlap      float64 `csv:"overlap"`       // |exact ∩ answer| / k, mean
	Fill         float64 `csv:"fill"`          // |answer| / k, mean
	FillMin      float64 `csv:"fill_min"`      // the shortest answer's
	EmptyShare   float64 `csv:"empty_share"`   // share of queries with fewer than k
	Repeated     float64 `csv:"repeated"`      // share of answers that repeat an ID of the same list
	Disordered   float64 `csv:"disordered"`    // share of queries whose list is not in ascending order
	SelfMissing  float64 `csv:"self_missing"`  // share of queries that did not find the point itself
	ReturnedMost int     `csv:"returned_most"` // IDs in the longest raw answer, padding left out

	// Time. Batch is in the engine's fastest way, on every core; latency is one query after another, NaN where not measured.
	BatchPerSecond float64 `csv:"batch_queries_per_second"`
	LatencyMedian  float64 `csv:"latency_median_ms"`
	LatencyP99     float64 `csv:"latency_p99_ms"`

	Error string `csv:"error"` // what the engine said instead of answering; all else is NaN then
}

// Row is one engine.
type Row struct {
	Engine     string  `csv:"engine"`
	Version    string  `csv:"version"`
	Documented string  `csv:"documented"` // policy for k > efSearch, by its documentation or source
	Observed   string  `csv:"observed"`   // … as it behaved
	Exact      int     `csv:"exact"`      // 1 for an engine that does not approximate
	Points     int     `csv:"points"`     // indexed
	Dimensions int     `csv:"dimensions"`
	BuildTime  float64 `csv:"build_s"`   // seconds, from vectors to a searchable index
	Memory     float64 `csv:"memory_mb"` // resident, 0 where it cannot be told
	Disk       float64 `csv:"disk_mb"`
	Missing    string  `csv:"missing"` // why there is no measurement: the engine cannot be had here, or its build failed
}

// Result is a whole comparison.
type Result struct {
	Engines []Row
	Records []Record
}

// Tables are the two tables of r as Run writes them in a folder.
func (r *Result) Tables(dir string) []table.Table {
	return []table.Table{table.New(filepath.Join(dir, "engines.csv"), r.Engines), table.New(filepath.Join(dir, "engine_records.csv"), r.Records)}
}

// Read is what Run wrote to a folder.
func Read(dir string) (*Result, error) {
	rows, err := table.ReadRows[Row](filepath.Join(dir, "engines.csv"))
	if err != nil {
		return nil, err
	}
	records, err := table.ReadRows[Record](filepath.Join(dir, "engine_records.csv"))
	return &Result{rows, records}, err
}
