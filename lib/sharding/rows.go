package sharding

import (
	"path/filepath"

	"anncapacity/lib/internal/table"
)

// Names of the files of Run and of Partitions in a folder of results.
const (
	File       = "sharding.csv"
	EngineFile = "sharding_engine.csv"
)

// Row holds the means over the queries at one (run, deal, shards, setting, k), measured and predicted. All numbers are those of the
// merged answer, without the query.
type Row struct {
	Run      int     `csv:"run"`
	Seed     uint64  `csv:"seed"`    // draws the points, the queries and the deal, and builds the graphs
	Deal     string  `csv:"deal"`    // a Deal; with one shard both are the same
	Shards   int     `csv:"shards"`  // number of shards
	Largest  int     `csv:"largest"` // vectors in the largest shard
	Fixed    string  `csv:"fixed"`   // a Fixed: what Value is
	Value    int     `csv:"value"`
	EfSearch int     `csv:"ef_search"` // of every shard
	Policy   string  `csv:"policy"`    // a hnsw.Policy of every shard
	K        int     `csv:"k"`
	Queries  int     `csv:"queries"`
	Overlap  float64 `csv:"overlap"`   // |exact ∩ answer| / k
	Fill     float64 `csv:"fill"`      // |answer| / k
	Rejected float64 `csv:"rejected"`  // share of the queries that are an error
	Visited  float64 `csv:"distances"` // computed on level 0, over all shards

	// Predicted from one graph, before the shards are built.
	PredictedOverlap float64 `csv:"predicted_overlap"`
	PredictedVisited float64 `csv:"predicted_distances"`
}

// Tables returns the tables that Run and Partitions write to a folder, without rows.
func Tables(dir string) []table.Table {
	return []table.Table{table.New[Row](filepath.Join(dir, File), nil), table.New[EngineRow](filepath.Join(dir, EngineFile), nil)}
}

// Read reads the rows that Run has written to a folder.
func Read(dir string) ([]Row, error) { return table.ReadRows[Row](filepath.Join(dir, File)) }

// ReadEngine reads the rows that Partitions has written to a folder.
func ReadEngine(dir string) ([]EngineRow, error) {
	return table.ReadRows[EngineRow](filepath.Join(dir, EngineFile))
}
