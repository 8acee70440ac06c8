package scale

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
)

// ExactOptions describe exact neighbours for a plan.
type ExactOptions struct {
	Embeddings string // location of the base
	Queries    string // a number of rows of the base that are drawn, "all" rows, or the location of vectors; "" means 10000
	Seed       uint64 // of the draw
	K          int
	Metric     string // "" means l2
	Workers    int    // that will compute at a time; zero means 1
	Memory     int64  // bytes of one worker; zero means 2 GiB

	QueryBlock, Parts int // replace the division that is derived from Workers and Memory; zero does not
}

const (
	// AllQueries is the value of Queries that asks for the neighbours of every row.
	AllQueries = "all"
	// DefaultQueries is the size of a sample that is not given. The standard error of a mean overlap is then at most 0.005.
	DefaultQueries = "10000"

	defaultMemory  = 2 << 30
	tasksOfWorker  = 4     // at least, so that workers of different speed end at about the same time
	mostQueries    = 16384 // of a block
	leastQueries   = 256   // of a block, if blocks are made small for the sake of the number of tasks
	mostRows       = 65536 // of a block of the base: each block costs every query some comparisons in double precision
	shareOfQueries = 2     // a half of the memory is for the queries and their answers
	shareOfBase    = 4     // a quarter is for two blocks of the base
)

// PlanExact returns the plan of exact neighbours. It opens the data and reads their headers. If stored, the plan of an earlier run, is
// not nil and of the same kind, its division is used.
func PlanExact(ctx context.Context, o ExactOptions, stored *Plan) (*Plan, error) {
	o.Queries, o.Metric = cmp.Or(o.Queries, DefaultQueries), cmp.Or(o.Metric, "l2")
	o.Workers, o.Memory = cmp.Or(o.Workers, 1), cmp.Or(o.Memory, defaultMemory)
	base, err := Describe(ctx, o.Embeddings)
	if err != nil {
		return nil, err
	}
	e := &Exact{Base: base, K: o.K, Metric: o.Metric}
	if n, err := strconv.Atoi(o.Queries); err == nil {
		if n < 1 {
			return nil, fmt.Errorf("%d queries: want at least 1", n)
		}
		e.Queries = Queries{Sample: min(n, base.Rows), Seed: o.Seed}
	} else if o.Queries != AllQueries {
		file, err := Describe(ctx, o.Queries)
		if err != nil {
			return nil, err
		}
		e.Queries.File = &file
	}
	if e.Queries.Sample == base.Rows {
		e.Queries = Queries{} // all
	}
	if stored != nil && stored.Exact != nil {
		e.QueryBlock, e.BaseBlock, e.Parts = stored.Exact.QueryBlock, stored.Exact.BaseBlock, stored.Exact.Parts
	} else {
		e.divide(o)
	}
	p := &Plan{Version: Version, Kind: KindExact, Exact: e}
	return p, p.Check()
}

// divide sets the blocks and parts. Blocks of queries are as large as memory allows, because each reads the whole base. The base is
// divided if there are too few blocks for the workers; if it is too small for that, blocks become smaller.
func (e *Exact) divide(o ExactOptions) {
	count := e.count()
	e.QueryBlock = int(max(1, min(o.Memory/shareOfQueries/e.queryBytes(), mostQueries, int64(count))))
	e.BaseBlock = int(max(1, min(o.Memory/shareOfBase/(8*int64(e.Base.Dim)), mostRows, int64(e.Base.Rows))))
	tasks := tasksOfWorker * o.Workers
	e.Parts = max(1, min((tasks+e.blocks()-1)/e.blocks(), e.Base.Rows/mostRows))
	if need := (tasks + e.Parts - 1) / e.Parts; e.blocks() < need {
		e.QueryBlock = min(e.QueryBlock, max(leastQueries, (count+need-1)/need))
	}
	if o.QueryBlock > 0 {
		e.QueryBlock = o.QueryBlock
	}
	if o.Parts > 0 {
		e.Parts = o.Parts
	}
}
