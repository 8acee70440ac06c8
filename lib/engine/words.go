package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Words state how an HNSW engine names efSearch, what it does with a k above it, and how to set it. The adapters take their
// Policy, Documented and Effort from here; some engines have no adapter.
type Words struct {
	Key        string   // of -engine: lower-case letters, digits and hyphens
	Name       string   // in texts
	Policy     Policy   // for k > efSearch, by the engine's documentation or source
	Documented string   // the policy as a phrase, with the engine's own terms
	Effort     string   // the engine's name of efSearch, followed by its bounds or conditions, in parentheses or after a comma
	Most       int      // the largest value that the engine accepts; zero if it documents none
	Notes      []string // whole sentences: what else to know when it is set
	Unasked    bool     // no adapter asks the engine: the policy is that of its documentation alone
	Call       string   // statement or call that sets it: {ef} is the value, {k} is k, {more} is {ef} − {k} or 0
}

// The engines with words.
var (
	FAISS = Words{
		Key: "faiss", Name: "FAISS IndexHNSWFlat",
		Policy: Pads, Documented: "pads: the queue is bounded by efSearch, missing slots are −1", Effort: "index.hnsw.efSearch",
		Call: "index.hnsw.efSearch = {ef}",
	}
	FAISSUnbounded = Words{
		Key: "faiss-unbounded", Name: "FAISS with bounded_queue = false",
		Policy: Raises, Documented: "raises efSearch to k", Effort: "index.hnsw.efSearch, with search_bounded_queue = false",
		Call: "index.hnsw.search_bounded_queue = False; index.hnsw.efSearch = {ef}",
	}
	HNSWLib = Words{
		Key: "hnswlib", Name: "hnswlib",
		Policy: Raises, Documented: "raises efSearch to k", Effort: "set_ef (setEf in C++)",
		Notes: []string{"The value is not stored in the index file: set it after each load_index."},
		Call:  "index.set_ef({ef})",
	}
	USearch = Words{
		Key: "usearch", Name: "usearch",
		Policy: Raises, Documented: "raises expansion_search to k", Effort: "expansion_search",
		Call: "index.expansion_search = {ef}",
	}
	PGVector = Words{
		Key: "pgvector", Name: "pgvector",
		Policy: Truncates, Documented: "truncates: at most hnsw.ef_search answers", Effort: "hnsw.ef_search (1 to 1,000)", Most: 1000,
		Notes: []string{
			"The value holds for the session; SET LOCAL limits it to a transaction, ALTER ROLE … SET or ALTER DATABASE … SET keeps it.",
			"A WHERE clause is applied to the hnsw.ef_search candidates afterwards: hnsw.iterative_scan continues the search until LIMIT rows are found.",
		},
		Call: "SET hnsw.ef_search = {ef};",
	}
	PGVectorIterative = Words{
		Key: "pgvector-iterative", Name: "pgvector with iterative scan",
		Policy:     Raises,
		Documented: "continues the search, in strict order, until there are k answers or hnsw.max_scan_tuples (20,000) are visited",
		Effort:     "hnsw.ef_search, with hnsw.iterative_scan = strict_order", Most: 1000,
		Notes: []string{"Iterative scans exist from pgvector 0.8.0 on. They guarantee the number of answers, but not their quality."},
		Call:  "SET hnsw.iterative_scan = strict_order; SET hnsw.ef_search = {ef};",
	}
	DuckDB = Words{
		Key: "duckdb", Name: "DuckDB",
		Policy: Raises, Documented: "raises hnsw_ef_search to k", Effort: "hnsw_ef_search",
		Call: "SET hnsw_ef_search = {ef};",
	}
	MilvusLite = Words{
		Key: "milvus-lite", Name: "Milvus Lite",
		Policy: Pads, Documented: "pads as FAISS does, bounded by ef, and leaves the empty slots out: fewer than k", Effort: "ef of the search parameters",
		Call: `search_params={"params": {"ef": {ef}}}`,
	}
	Milvus = Words{
		Key: "milvus", Name: "Milvus",
		Policy: Rejects, Documented: "rejects: an error when ef is less than k", Effort: "ef of the search parameters (at least k)",
		Notes: []string{"Each segment is a graph of its own, and the answers are merged: a collection of several segments has at least about this recall."},
		Call:  `search_params={"params": {"ef": {ef}}}`,
	}
	Qdrant = Words{
		Key: "qdrant", Name: "Qdrant",
		Policy: Raises, Documented: "raises hnsw_ef to limit", Effort: "params.hnsw_ef",
		Notes: []string{"Each segment is a graph of its own, and the answers are merged. Segments below the indexing threshold are searched exactly."},
		Call:  `"params": {"hnsw_ef": {ef}}, "limit": {k}`,
	}
	Weaviate = Words{
		Key: "weaviate", Name: "Weaviate",
		Policy: Raises, Documented: "raises ef to the limit", Effort: "vectorIndexConfig.ef",
		Notes: []string{
			"The value is one of the collection, not of a query. With −1, the default, it depends on the limit: dynamicEfFactor · limit, from dynamicEfMin to dynamicEfMax, and at least the limit.",
			"A limit above QUERY_MAXIMUM_RESULTS, by default 10,000, is an error of the server. This advice is for vectors that are not quantized.",
		},
		Call: `"vectorIndexConfig": {"ef": {ef}}`,
	}
	Elasticsearch = Words{
		Key: "elasticsearch", Name: "Elasticsearch",
		Policy: Rejects, Unasked: true, Documented: "rejects: an error when num_candidates is less than k", Effort: "num_candidates (k to 10,000, for each shard)", Most: 10000,
		Notes: []string{"Each segment of a shard is a graph of its own, and the answers are merged. The default index options quantize the vectors of new indexes: this advice is for unquantized ones (hnsw)."},
		Call:  `"knn": {"k": {k}, "num_candidates": {ef}}`,
	}
	Lucene = Words{
		Key: "lucene", Name: "Lucene",
		Policy: Truncates, Documented: "truncates: KnnFloatVectorQuery collects k documents of its own, here efSearch", Effort: "k of KnnFloatVectorQuery",
		Notes: []string{"Each segment is a graph of its own, and the answers are merged. Elasticsearch, OpenSearch and Solr have names of their own for the value."},
		Call:  "searcher.search(new KnnFloatVectorQuery(FIELD, query, {ef}), {k})",
	}
	JVector = Words{
		Key: "jvector", Name: "JVector",
		Policy: Rejects, Documented: "rejects: an error when rerankK is less than topK", Effort: "rerankK of GraphSearcher.search (at least topK)",
		Call: "searcher.search(scores, {k}, {ef}, 0, 0, Bits.ALL)",
	}
	LanceDB = Words{
		Key: "lancedb", Name: "LanceDB",
		Policy: Rejects, Documented: "rejects: an error when ef is less than the limit", Effort: "ef of a vector query (at least the limit)",
		Notes: []string{"Where it is not set, it is 1.5 times the limit. An index of several partitions has a graph for each: nprobes of them are searched, and the answers are merged."},
		Call:  "table.search(query).ef({ef}).limit({k})",
	}
	Redis = Words{
		Key: "redis", Name: "Redis",
		Policy: Raises, Documented: "raises EF to COUNT", Effort: "EF of VSIM (1 to 1,000,000)", Most: 1000000,
		Notes: []string{"Vectors are rounded to 8-bit integers unless VADD has the option NOQUANT: this advice is for NOQUANT. The cosine is its only metric."},
		Call:  "VSIM KEY FP32 QUERY COUNT {k} EF {ef}",
	}
	LibSQL = Words{
		Key: "libsql", Name: "libSQL",
		Policy: Truncates, Documented: "truncates: at most the nodes that a search reads, search_l and some more", Effort: "search_l of libsql_vector_idx",
		Notes: []string{"The value belongs to the index: CREATE INDEX sets it, and no statement changes it. The graph does not depend on it.", "A search starts at a random node: the same query can have another answer."},
		Call:  "CREATE INDEX NAME ON TABLE (libsql_vector_idx(COLUMN, 'search_l={ef}'))",
	}
	ClickHouse = Words{
		Key: "clickhouse", Name: "ClickHouse",
		Policy: Raises, Documented: "raises hnsw_candidate_list_size_for_search to LIMIT", Effort: "hnsw_candidate_list_size_for_search",
		Notes: []string{"A LIMIT above max_limit_for_vector_search_queries (1,000) is answered by comparing with every row, without a message: raise it to LIMIT. The default index is of 16-bit floats (bf16): this advice is for 'f32'. Each part of a table is a graph of its own, and the answers are merged."},
		Call:  "SELECT … LIMIT {k} SETTINGS hnsw_candidate_list_size_for_search = {ef}",
	}
	Vespa = Words{
		Key: "vespa", Name: "Vespa",
		Policy: Raises, Unasked: true, Documented: "explores targetHits + hnsw.exploreAdditionalHits candidates", Effort: "targetHits + hnsw.exploreAdditionalHits",
		Call: "{targetHits: {k}, hnsw.exploreAdditionalHits: {more}}nearestNeighbor(FIELD, QUERY)",
	}
)

// Worded returns the words of every engine that has them.
func Worded() []Words {
	return []Words{FAISS, HNSWLib, USearch, PGVector, PGVectorIterative, DuckDB, Milvus, MilvusLite, Qdrant, Weaviate, Elasticsearch, Lucene, JVector, LanceDB, Redis, LibSQL, ClickHouse, Vespa, FAISSUnbounded}
}

// Following names the engines that follow a policy when k exceeds efSearch, those of whom only the documentation says so last.
func Following(p Policy) string {
	var asked, unasked []string
	for _, w := range Worded() {
		switch {
		case w.Policy != p:
		case w.Unasked:
			unasked = append(unasked, w.Name)
		default:
			asked = append(asked, w.Name)
		}
	}
	names := strings.Join(asked, ", ")
	if len(unasked) > 0 {
		names += "; by documentation " + strings.Join(unasked, ", ")
	}
	return names
}

// WordsFor returns the words of the engine with the key, in any case. The error for another key lists all.
func WordsFor(key string) (Words, error) {
	all := Worded()
	if i := slices.IndexFunc(all, func(w Words) bool { return strings.EqualFold(w.Key, key) }); i >= 0 {
		return all[i], nil
	}
	keys := make([]string, len(all))
	for i, w := range all {
		keys[i] = w.Key
	}
	return Words{}, fmt.Errorf("engine %q: must be one of %s", key, strings.Join(keys, ", "))
}

// Parameter returns the engine's name of efSearch.
func (w Words) Parameter() string {
	name, _, _ := strings.Cut(w.Effort, " (")
	name, _, _ = strings.Cut(name, ",")
	return name
}

// Value returns the value to set so that a search for k answers makes the given effort and returns k: efSearch, or k if that
// is more and the engine would return fewer or an error. It returns an error if the engine does not accept the value.
func (w Words) Value(efSearch, k int) (int, error) {
	if w.Policy == Truncates || w.Policy == Rejects {
		efSearch = max(efSearch, k)
	}
	if w.Most > 0 && efSearch > w.Most {
		return 0, fmt.Errorf("%s: %d is needed, but at most %d is accepted: build the index with more links or a larger efConstruction", w.Effort, efSearch, w.Most)
	}
	return efSearch, nil
}

// Statement returns the statement or call that sets the value, which Value returns, for searches for k answers.
func (w Words) Statement(value, k int) string {
	replaced := strings.NewReplacer("{ef}", strconv.Itoa(value), "{k}", strconv.Itoa(k), "{more}", strconv.Itoa(max(0, value-k)))
	return replaced.Replace(w.Call)
}
