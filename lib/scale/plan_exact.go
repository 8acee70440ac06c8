package scale

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
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

	leastFLOP        = 1e12 // of a task, for the sake of the number of tasks: seven seconds of a fast core
	costOfCoordinate = 900  // FLOP that take as long as it takes to read and prepare a coordinate of the base for a block of queries
	costOfNeighbour  = 2e5  // the same for an entry of the list of a query in a part of the base; docs/scale.md says how both were measured
)

// PlanExact returns the plan of exact neighbours. It opens the data and reads their headers.
func PlanExact(ctx context.Context, o ExactOptions) (*Plan, error) {
	o.Queries, o.Metric = cmp.Or(o.Queries, DefaultQueries), cmp.Or(o.Metric, "l2")
	o.Workers, o.Memory = cmp.Or(o.Workers, 1), cmp.Or(o.Memory, defaultMemory)
	base, err := Describe(ctx, o.Embeddings)
	if err != nil {
		return nil, err
	}
	e := &Exact{Base: base, K: o.K, Metric: o.Metric}
	if e.Queries, err = o.queries(ctx, base.Rows); err != nil {
		return nil, err
	}
	if o.Parts > base.Rows {
		return nil, fmt.Errorf("-parts %d: want at most one for each of the %d vectors of %s", o.Parts, base.Rows, o.Embeddings)
	}
	e.divide(o)
	p := &Plan{Version: Version, Kind: KindExact, Exact: e}
	return p, p.Check()
}

// queries returns what is asked of a base of the given number of rows. Fewer rows than the default number are all asked.
func (o ExactOptions) queries(ctx context.Context, rows int) (Queries, error) {
	n, err := strconv.Atoi(o.Queries)
	switch {
	case o.Queries == AllQueries || n == rows || o.Queries == DefaultQueries && n > rows:
		return Queries{}, nil
	case err == nil && (n < 1 || n > rows):
		return Queries{}, fmt.Errorf("%d queries: want 1 to %d, the number of vectors, or %s", n, rows, AllQueries)
	case err == nil:
		return Queries{Sample: n, Seed: o.Seed}, nil
	}
	file, err := Describe(ctx, o.Queries)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("the queries are neither a whole number, %s nor a location that exists: %w", AllQueries, err)
	}
	return Queries{File: &file}, err
}

// divide sets the blocks and parts: at least as many tasks as keep the workers busy, in the way that adds least to the comparisons. Each
// block of queries reads and prepares the whole base; each part of the base finds lists of its own, which are merged; and if the last
// round of tasks is not full, workers are idle.
func (e *Exact) divide(o ExactOptions) {
	count, rows := e.count(), e.Base.Rows
	most := int(max(1, min(o.Memory/shareOfQueries/e.queryBytes(), mostQueries, int64(count))))
	e.BaseBlock = int(max(1, min(o.Memory/shareOfBase/(8*int64(e.Base.Dim)), mostRows, int64(rows))))
	tasks := e.tasksFor(o.Workers)
	missing, least := tasks, math.Inf(1) // tasks that the best division lacks, and what it adds
	for parts := 1; parts <= max(1, min(tasks, rows/mostRows)); parts++ {
		blocks := max((count+most-1)/most, min((tasks+parts-1)/parts, max(1, count/leastQueries)))
		added := float64(blocks)*costOfCoordinate*float64(rows)*float64(e.Base.Dim) + float64(parts)*costOfNeighbour*float64(count)*float64(e.K)
		rounds := (blocks*parts + o.Workers - 1) / o.Workers
		added += (float64(rounds*o.Workers)/float64(blocks*parts) - 1) * e.flop()
		if lacks := max(0, tasks-blocks*parts); lacks < missing || lacks == missing && added < least {
			missing, least, e.Parts, e.QueryBlock = lacks, added, parts, (count+blocks-1)/blocks
		}
	}
	e.QueryBlock, e.Parts = cmp.Or(o.QueryBlock, e.QueryBlock), cmp.Or(o.Parts, e.Parts)
}

// tasksFor returns the number of tasks that keep so many workers busy: several for each, but none of them small, and one for each if
// there is little to compute.
func (e *Exact) tasksFor(workers int) int {
	rounds := e.flop() / leastFLOP / float64(workers)
	return workers * int(max(1, min(tasksOfWorker, rounds)))
}
