// Package study runs the conditions of the paper over embeddings and keeps what they measured as records.
package study

// Record is one row of records.csv: what one (index, run, condition, value, k) measured, averaged over its queries.
type Record struct {
	Index     string  // the searcher: IndexHNSW or IndexCoderHNSW
	Run       int     // 0 … runs−1
	Seed      uint64  // 42 + Run: draws the subset and builds the index
	Condition int     // 1 fixed effort
	Parameter string  // what the condition varies, as the field calls it: "efSearch"
	Value     float64 // the setting of Parameter
	K         int     // neighbours asked, the query itself left out
	EfSearch  int

	Overlap    float64 // mean over queries of |exact ∩ approximate| / k, 0 … 1
	Fill       float64 // mean over queries of |approximate| / k, 0 … 1
	EmptyShare float64 // share of queries with at least one empty slot, 0 … 1
}

// The indexes that the study compares, as records name them.
const (
	IndexHNSW      = "hnsw"      // lib/hnsw
	IndexCoderHNSW = "coderhnsw" // github.com/coder/hnsw v0.6.1
)
