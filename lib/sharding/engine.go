package sharding

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/interrupt"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/study"
)

// EngineRow holds the means over the queries of one (deal, shards, k) on partitions of an engine, or of walks.
type EngineRow struct {
	Engine   string  `csv:"engine"` // Partitioned, or Walks
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

// The values of EngineRow.Engine.
const (
	Partitioned = "pgvector" // a table of PostgreSQL with partitions: by hash at random, by a list of cells by cell
	Walks       = "walks"    // the project's own shards, each of which truncates its answer to efSearch, as pgvector does
)

// EngineOptions are the vectors and the searches of CompareEngine.
type EngineOptions struct {
	Base, Queries ann.Vectors // compared by Euclidean distance; no query is a row of the base
	K             []int       // ascending
	Shards        []int
	EfSearch      int
	M, Efc        int // of every graph; Efc is efConstruction
	Seed          uint64
	Progress      io.Writer
}

// The comparison of RunEngine: pgvector's default efSearch, M and efConstruction, on vectors of which a table is filled in seconds.
const (
	engineVectors, engineDimensions, engineQueries = 5000, 128, 100
	engineEfSearch, engineM, engineConstruction    = 40, 16, 64
)

// RunEngine compares partitions of PostgreSQL with walks on the first 128 dimensions of at most 5,000 of the embeddings, writes
// EngineFile to a folder and returns its rows. It returns those that are stored. missing says why the engine has no rows; nothing is
// then stored.
func RunEngine(ctx context.Context, embeddings, out string, progress io.Writer) (rows []EngineRow, missing string, err error) {
	if rows, err = ReadEngine(out); !errors.Is(err, fs.ErrNotExist) {
		return rows, "", err
	}
	all, err := interrupt.Wait(ctx, func() (ann.Vectors, error) { return embedding.OpenReporting(embeddings, io.Discard) })
	if err != nil {
		return nil, "", err
	}
	o := EngineOptions{Shards: []int{1, 8}, EfSearch: engineEfSearch, M: engineM, Efc: engineConstruction, Seed: study.FirstSeed, Progress: progress}
	if err := o.take(all); err != nil {
		return nil, "", fmt.Errorf("%s: %w", embeddings, err)
	}
	rows, missing, err = CompareEngine(ctx, o)
	if err != nil || missing != "" {
		return rows, missing, err
	}
	return rows, "", table.WriteRows(filepath.Join(out, EngineFile), rows)
}

// take sets the vectors, the queries and the values of k.
func (o *EngineOptions) take(all ann.Vectors) error {
	n := min(engineVectors, all.N)
	for _, k := range study.Ks() {
		if k < (n-engineQueries)/2 {
			o.K = append(o.K, k)
		}
	}
	if len(o.K) == 0 {
		return fmt.Errorf("%d vectors are too few to compare partitions", all.N)
	}
	rows, err := numpy.Choice(all.N, n, o.Seed)
	if err != nil {
		return err
	}
	drawn, err := all.Subset(rows)
	if err != nil {
		return err
	}
	narrow := ann.Vectors{N: n, D: min(engineDimensions, all.D)}
	for i := range n {
		narrow.Data = append(narrow.Data, drawn.Row(i)[:narrow.D]...)
	}
	split := engineQueries * narrow.D
	o.Queries = ann.Vectors{N: engineQueries, D: narrow.D, Data: narrow.Data[:split]}
	o.Base = ann.Vectors{N: n - engineQueries, D: narrow.D, Data: narrow.Data[split:]}
	return nil
}

// CompareEngine returns rows of walks, and of a partitioned table of PostgreSQL with an HNSW index of pgvector on each partition.
// missing says why the table is not among them: PostgreSQL is not installed.
func CompareEngine(ctx context.Context, o EngineOptions) (rows []EngineRow, missing string, err error) {
	lists, err := exact.New(o.Base).SearchBatch(ctx, o.Queries, o.K[len(o.K)-1])
	if err != nil {
		return nil, "", err
	}
	c := comparison{EngineOptions: o, truth: make([][]int32, len(lists))}
	for q, list := range lists {
		for _, n := range list {
			c.truth[q] = append(c.truth[q], n.ID)
		}
	}
	server, missing, err := c.start(ctx)
	if err != nil {
		return nil, "", err
	}
	if server != nil {
		defer func() { err = errors.Join(err, server.Close()) }()
	}
	for _, shards := range o.Shards {
		for _, by := range Deals {
			if shards == 1 && by != Random {
				continue
			}
			of, err := c.layout(ctx, server, layout{by, shards})
			if err != nil {
				return nil, "", err
			}
			rows = append(rows, of...)
		}
	}
	return rows, missing, nil
}

// comparison holds the searches and their exact answers.
type comparison struct {
	EngineOptions
	truth [][]int32
}

// layout returns the rows of one layout, of the engine if there is a server.
func (c *comparison) layout(ctx context.Context, server *server, l layout) (rows []EngineRow, err error) {
	split, err := Split(ctx, c.Base, l.shards, l.by, c.Seed)
	if err != nil {
		return nil, err
	}
	answers, err := c.walk(ctx, split)
	if err != nil {
		return nil, err
	}
	rows = c.rows(Walks, l, answers)
	if server == nil {
		return rows, nil
	}
	if answers, err = server.search(ctx, c, l, split); err != nil {
		return nil, fmt.Errorf("sharding: %d partitions of PostgreSQL, %s: %w", l.shards, l.by, err)
	}
	return append(rows, c.rows(Partitioned, l, answers)...), nil
}

// walk returns the merged answers of shards that truncate, by k and query.
func (c *comparison) walk(ctx context.Context, split [][]int32) (answers [][]ann.Neighbors, err error) {
	x, err := Build(ctx, c.Base, ann.Euclidean, split, hnsw.Options{M: c.M, EfConstruction: c.Efc, Selection: hnsw.SelectAlways, Seed: c.Seed})
	if err != nil {
		return nil, err
	}
	s, err := NewSearcher(x)
	if err != nil {
		return nil, err
	}
	answers = make([][]ann.Neighbors, len(c.K))
	for q := range c.truth {
		if err := s.Walk(c.Queries.Row(q), -1, c.truth[q], c.EfSearch); err != nil {
			return nil, err
		}
		for i, k := range c.K {
			list, err := s.Answer(hnsw.Truncate, k, c.EfSearch)
			if err != nil {
				return nil, err
			}
			answers[i] = append(answers[i], list)
		}
	}
	return answers, ctx.Err()
}

// rows returns the means of the answers, by k and query.
func (c *comparison) rows(engine string, l layout, answers [][]ann.Neighbors) (rows []EngineRow) {
	for i, k := range c.K {
		r := EngineRow{
			Engine: engine, Deal: string(l.by), Shards: l.shards, Vectors: c.Base.N, D: c.Base.D, EfSearch: c.EfSearch, K: k, Queries: c.Queries.N,
		}
		slots := float64(k * c.Queries.N)
		for q, list := range answers[i] {
			r.Overlap += float64(fidelity.Shared(c.truth[q], list, k)) / slots
			r.Fill += float64(min(k, len(list))) / slots
		}
		rows = append(rows, r)
	}
	return rows
}
