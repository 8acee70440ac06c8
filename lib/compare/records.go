// Package compare runs the same searches on the same vectors with every engine and records the results.
package compare

import (
	"errors"
	"fmt"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/table"
)

// A Record holds the results of one engine at one (efSearch, k), over all queries. If the queries are indexed points, k + 1
// neighbours are requested, and the point itself is removed from the answer by its ID.
type Record struct {
	Engine   string `csv:"engine"`
	Metric   string `csv:"metric"`
	EfSearch int    `csv:"ef_search"` // 0 for an exact engine
	K        int    `csv:"k"`
	Queries  int    `csv:"queries"`

	// The answers. Distances are computed by this package, not taken from the engine.
	Overlap      float64 `csv:"overlap"`       // |exact ∩ answer| / k, mean
	Fill         float64 `csv:"fill"`          // |answer| / k, mean
	FillMin      float64 `csv:"fill_min"`      // of the shortest answer
	EmptyShare   float64 `csv:"empty_share"`   // share of queries with fewer than k neighbours
	Repeated     float64 `csv:"repeated"`      // share of IDs that repeat an ID of the same answer, mean
	Disordered   float64 `csv:"disordered"`    // share of queries whose answer is not in ascending order of distance
	SelfMissing  float64 `csv:"self_missing"`  // share of queries whose answer lacks the query itself; NaN if the queries are no points
	ReturnedMost int     `csv:"returned_most"` // number of IDs in the longest unchanged answer, without padding

	// Time. A batch is searched in the engine's fastest way, on every core; latency is that of single queries.
	BatchPerSecond float64 `csv:"batch_queries_per_second"`
	LatencyMedian  float64 `csv:"latency_median_ms"`
	LatencyP99     float64 `csv:"latency_p99_ms"`

	Error string `csv:"error"` // the engine's error; the results above are NaN then
}

// A Row describes one engine (see engine.Engine), and the time and size of its index.
type Row struct {
	Key           string        `csv:"key"`
	Engine        string        `csv:"engine"` // its name
	Family        string        `csv:"family"`
	Color         string        `csv:"color"` // of the family in figures: #rrggbb
	Version       string        `csv:"version"`
	Policy        engine.Policy `csv:"policy"`        // for k > efSearch, as documented
	Documented    string        `csv:"documented"`    // the policy in the engine's own terms
	Observed      engine.Policy `csv:"observed"`      // the policy observed
	Effort        string        `csv:"effort"`        // the engine's name of efSearch
	Deterministic int           `csv:"deterministic"` // 1 if two builds give the same answers, else 0
	Points        int           `csv:"points"`        // indexed
	Dimensions    int           `csv:"dimensions"`
	BuildTime     float64       `csv:"build_s"`   // seconds, from vectors to a searchable index
	Memory        float64       `csv:"memory_mb"` // resident, 0 if not known
	Disk          float64       `csv:"disk_mb"`
	Missing       string        `csv:"missing"` // why there are no records: the engine is not available, or it failed
}

// newRow returns the row of an engine before its build.
func newRow(e engine.Engine, base ann.Vectors) Row {
	return Row{
		Key: e.Key, Engine: e.Name, Family: e.Family, Color: fmt.Sprintf("#%02x%02x%02x", e.Color.R, e.Color.G, e.Color.B),
		Policy: e.Policy, Documented: e.Documented, Effort: e.Effort, Deterministic: oneIf(e.Deterministic), Points: base.N, Dimensions: base.D,
	}
}

// oneIf returns 1 for true and 0 for false, the representation in tables.
func oneIf(truth bool) int {
	if truth {
		return 1
	}
	return 0
}

// CosineDir is the folder, below that of a comparison, of the comparison under the cosine.
const CosineDir = "cosine"

// A Result holds the tables of a comparison.
type Result struct {
	Engines []Row
	Records []Record
}

// Tables returns the two tables that Run writes to dir.
func (r *Result) Tables(dir string) []table.Table {
	return []table.Table{table.New(filepath.Join(dir, "engines.csv"), r.Engines), table.New(filepath.Join(dir, "engine_records.csv"), r.Records)}
}

// Read returns the result that Run wrote to dir.
func Read(dir string) (*Result, error) {
	rows, err := read[Row](filepath.Join(dir, "engines.csv"), "")
	if err != nil {
		return nil, err
	}
	records, err := read[Record](filepath.Join(dir, "engine_records.csv"), "")
	return &Result{rows, records}, err
}

// read reads a table that anncapacity engines, with the given flag, wrote. For a table of another version it returns an error
// that says what to do.
func read[R any](path, flag string) ([]R, error) {
	rows, err := table.ReadRows[R](path)
	if errors.Is(err, table.ErrColumns) {
		err = fmt.Errorf("%w; another version wrote it: move it away and run `anncapacity engines%s` again", err, flag)
	}
	return rows, err
}
