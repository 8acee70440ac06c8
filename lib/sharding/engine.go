package sharding

// EngineRow holds the means over the queries of one (deal, shards, efSearch, k) on partitions of an engine, beside those of walks.
type EngineRow struct {
	Engine   string  `csv:"engine"` // PostgreSQL, or Walks: the project's own shards under the policy of the engine
	Deal     string  `csv:"deal"`
	Shards   int     `csv:"shards"`
	Vectors  int     `csv:"vectors"`
	D        int     `csv:"dimensions"`
	EfSearch int     `csv:"ef_search"` // of every shard
	K        int     `csv:"k"`
	Queries  int     `csv:"queries"`
	Overlap  float64 `csv:"overlap"`
	Fill     float64 `csv:"fill"`
}
