package study

import (
	"path/filepath"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/internal/table"

	"github.com/go-gota/gota/dataframe"
)

// Record is one row of records.csv: the statistics over the queries at one (index, run, condition, value, k). The methods
// Of and Set read and change a statistic of a measure, for example r.Of(fidelity.Overlap.Mean).
type Record struct {
	Index     string  `csv:"index"`     // IndexHNSW or the Key of an engine
	Run       int     `csv:"run"`       // 0 … runs−1
	Seed      uint64  `csv:"seed"`      // FirstSeed + Run: draws the subset and builds the index
	Condition int     `csv:"condition"` // Condition.Number
	Parameter string  `csv:"parameter"` // Condition.Parameter
	Value     float64 `csv:"value"`     // the setting of Parameter
	K         int     `csv:"k"`         // requested neighbours, excluding the query itself
	EfSearch  int     `csv:"ef_search"`

	fidelity.Values // of lists without the query itself

	EfConstruction int `csv:"ef_construction"`
	Queries        int `csv:"queries"` // number of queries
}

// IndexHNSW is the name of lib/hnsw in records.
const IndexHNSW = "hnsw"

// DataFrame returns the records as a data frame.
func DataFrame(records []Record) dataframe.DataFrame { return table.Frame(records) }

// WriteRecords writes records to a CSV file. It writes the whole file or, on an error, none of it.
func WriteRecords(path string, records []Record) error { return table.WriteRows(path, records) }

// ReadRecords reads a file that WriteRecords has written. If the columns differ or a number cannot be parsed, it returns an
// error that names the file, the line and the column.
func ReadRecords(path string) ([]Record, error) { return table.ReadRows[Record](path) }

// Tables returns the tables that Run writes to a folder, without rows.
func Tables(dir string) []table.Table {
	return []table.Table{table.New[Record](filepath.Join(dir, RecordsFile), nil), table.New[Record](filepath.Join(dir, AsPublishedFile), nil)}
}
