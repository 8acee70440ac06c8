package study

import (
	"path/filepath"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/internal/table"

	"github.com/go-gota/gota/dataframe"
)

// Record is one row of records.csv: what one (index, run, condition, value, k) measured over its queries. Of and Set
// read and change the statistics of a measure: r.Of(fidelity.Overlap.Mean).
type Record struct {
	Index     string  `csv:"index"`     // the searcher: IndexHNSW or the Key of an engine
	Run       int     `csv:"run"`       // 0 … runs−1
	Seed      uint64  `csv:"seed"`      // FirstSeed + Run: draws the subset and builds the index
	Condition int     `csv:"condition"` // Condition.Number
	Parameter string  `csv:"parameter"` // Condition.Parameter
	Value     float64 `csv:"value"`     // the setting of Parameter
	K         int     `csv:"k"`         // neighbours asked, the query itself left out
	EfSearch  int     `csv:"ef_search"`

	fidelity.Values // the query itself left out of both lists

	EfConstruction int `csv:"ef_construction"`
	Queries        int `csv:"queries"` // how many the statistics are over
}

// IndexHNSW is lib/hnsw, as records name it.
const IndexHNSW = "hnsw"

// DataFrame is the records as a table of numbers and words, to be filtered, grouped and shown.
func DataFrame(records []Record) dataframe.DataFrame { return table.Frame(records) }

// WriteRecords stores records as CSV, the whole file or nothing.
func WriteRecords(path string, records []Record) error { return table.WriteRows(path, records) }

// ReadRecords reads what WriteRecords wrote. A file with other columns, or with a number that does not parse, is an
// error that names file, line and column.
func ReadRecords(path string) ([]Record, error) { return table.ReadRows[Record](path) }

// Tables are the tables that Run writes in a folder, without rows.
func Tables(dir string) []table.Table {
	return []table.Table{table.New[Record](filepath.Join(dir, RecordsFile), nil), table.New[Record](filepath.Join(dir, AsPublishedFile), nil)}
}
