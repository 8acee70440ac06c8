// Package compare asks every engine the same questions on the same vectors and records what comes back.
package compare

import (
	"errors"
	"fmt"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
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

// Row is one engine: how it describes itself (see engine.Engine), and what building it took.
type Row struct {
	Key           string        `csv:"key"`
	Engine        string        `csv:"engine"` // its name
	Family        string        `csv:"family"`
	Color         string        `csv:"color"` // of the family in figures: #rrggbb
	Version       string        `csv:"version"`
	Policy        engine.Policy `csv:"policy"`        // for k > efSearch, as documented
	Documented    string        `csv:"documented"`    // the same in the engine's own words
	Observed      engine.Policy `csv:"observed"`      // … as it behaved
	Effort        string        `csv:"effort"`        // what efSearch is called there
	Deterministic int           `csv:"deterministic"` // 1 for an engine whose builds answer alike
	Points        int           `csv:"points"`        // indexed
	Dimensions    int           `csv:"dimensions"`
	BuildTime     float64       `csv:"build_s"`   // seconds, from vectors to a searchable index
	Memory        float64       `csv:"memory_mb"` // resident, 0 where it cannot be told
	Disk          float64       `csv:"disk_mb"`
	Missing       string        `csv:"missing"` // why there are no records: the engine cannot be had here, or its build failed
}

// newRow returns the row of an engine that is not built yet.
func newRow(e engine.Engine, base ann.Vectors) Row {
	return Row{
		Key: e.Key, Engine: e.Name, Family: e.Family, Color: fmt.Sprintf("#%02x%02x%02x", e.Color.R, e.Color.G, e.Color.B),
		Policy: e.Policy, Documented: e.Documented, Effort: e.Effort, Deterministic: oneIf(e.Deterministic), Points: base.N, Dimensions: base.D,
	}
}

// oneIf returns a truth as tables hold it.
func oneIf(truth bool) int {
	if truth {
		return 1
	}
	return 0
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

// Read returns what Run wrote to a folder.
func Read(dir string) (*Result, error) {
	rows, err := read[Row](filepath.Join(dir, "engines.csv"), "")
	if err != nil {
		return nil, err
	}
	records, err := read[Record](filepath.Join(dir, "engine_records.csv"), "")
	return &Result{rows, records}, err
}

// read reads a table that anncapacity engines, with a flag, wrote. The error for the table of an earlier version says what to do.
func read[R any](path, flag string) ([]R, error) {
	rows, err := table.ReadRows[R](path)
	if errors.Is(err, table.ErrColumns) {
		err = fmt.Errorf("%w; another version wrote it: move it away and run `anncapacity engines%s` again", err, flag)
	}
	return rows, err
}
