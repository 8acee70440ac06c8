package words

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine/trees"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/parallel"
)

// Options are the parameters of Curve. The zero values are those of the figure.
type Options struct {
	Dimensions []int      // nil means 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, as far as the vectors have them
	Projection Projection // zero means Random
	K          int        // zero means 10
	Queries    int        // words drawn without replacement; zero means 100, or all if there are fewer
	Leaves     []int      // budgets of leaves; nil means 10, 100, 1000
	Seed       uint64     // of the projection and of the queries
	Progress   io.Writer
}

func (o Options) withDefaults(w *Words) (Options, error) {
	if o.Dimensions == nil {
		for _, d := range []int{2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50} {
			if d <= w.Vectors.D {
				o.Dimensions = append(o.Dimensions, d)
			}
		}
	}
	if o.Leaves == nil {
		o.Leaves = []int{10, 100, 1000}
	}
	if o.Projection == "" {
		o.Projection = Random
	}
	if o.K == 0 {
		o.K = 10
	}
	if o.Queries == 0 {
		o.Queries = min(100, len(w.Names))
	}
	if o.Queries < 1 || o.Queries > len(w.Names) {
		return o, fmt.Errorf("words: %d queries among %d words", o.Queries, len(w.Names))
	}
	if slices.ContainsFunc(o.Leaves, func(leaves int) bool { return leaves < 1 }) {
		return o, fmt.Errorf("words: budgets of %v leaves: each must be at least 1", o.Leaves)
	}
	return o, ann.CheckK(o.K, len(w.Names)-1)
}

// A Method is a search method.
type Method string

// The search methods.
const (
	BruteForce Method = "brute force"
	DepthFirst Method = "k-d tree, depth first" // gonum's, with backtracking and pruning; exact
	BestFirst  Method = "k-d tree, best first"  // exact without a budget of leaves
)

// A Record holds the results of one search method in one dimension, as means over the queries.
type Record struct {
	Projection   string  `csv:"projection"`
	Dimension    int     `csv:"dimension"`
	Method       string  `csv:"method"`
	Leaves       int     `csv:"leaves"` // the budget of leaves; 0 means none
	Points       int     `csv:"points"`
	Queries      int     `csv:"queries"`
	K            int     `csv:"k"`
	Seed         uint64  `csv:"seed"`
	Visited      float64 `csv:"visited"`      // share of the points whose distance was computed
	Overlap      float64 `csv:"overlap"`      // share of the k exact neighbours in the answer
	Microseconds float64 `csv:"microseconds"` // per query and core, with all cores in use; the only column that differs between two runs
}

// Curve returns the records of brute force, the exact tree and the tree with each budget of leaves, in each dimension. The
// distance is L2. Queries are words of the set; each is left out of its own answer.
func Curve(ctx context.Context, w *Words, o Options) ([]Record, error) {
	o, err := o.withDefaults(w)
	if err != nil {
		return nil, err
	}
	var records []Record
	for _, d := range o.Dimensions {
		low, err := Project(w.Vectors, o.Projection, d, o.Seed)
		if err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
		if o.Progress != nil {
			fmt.Fprintf(o.Progress, "%d words in %d dimensions\n", low.N, d)
		}
		at, err := o.evaluate(ctx, low)
		if err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
		records = append(records, at...)
	}
	return records, nil
}

// evaluate returns the records of one dimension.
func (o Options) evaluate(ctx context.Context, low ann.Vectors) ([]Record, error) {
	queries := draw(low.N, o.Queries, o.Seed)
	record := func(m Method, leaves int, t tally) Record {
		return Record{
			Projection: string(o.Projection), Dimension: low.D, Method: string(m), Leaves: leaves, Points: low.N, Queries: len(queries), K: o.K,
			Seed: o.Seed, Visited: t.visited, Overlap: t.overlap, Microseconds: math.Round(t.seconds * 1e6),
		}
	}
	set := newSet(low)
	truth, seconds, err := set.bruteForce(ctx, queries, o.K)
	if err != nil {
		return nil, err
	}
	records := []Record{record(BruteForce, 0, tally{visited: 1, overlap: 1, seconds: seconds})}
	for _, way := range ways(set.tree, o.Leaves) {
		t, err := set.evaluate(ctx, way, queries, truth)
		if err != nil {
			return nil, err
		}
		records = append(records, record(way.method, way.leaves, t))
	}
	return records, nil
}

// draw returns distinct random rows in 0 … n−1.
func draw(n, queries int, seed uint64) []int32 {
	rows := make([]int32, queries)
	for i, row := range rand.New(rand.NewPCG(seed, 1)).Perm(n)[:queries] {
		rows[i] = int32(row)
	}
	return rows
}

// way is a method with its search of a tree for k points.
type way struct {
	method Method
	leaves int
	search func(query []float32, k int) trees.Found
}

// ways returns the exact searches and one for each budget of leaves.
func ways(tree *trees.KD, budgets []int) []way {
	best := func(leaves int) func([]float32, int) trees.Found {
		return func(query []float32, k int) trees.Found { return tree.BestFirst(query, k, leaves) }
	}
	all := []way{{DepthFirst, 0, tree.Nearest}, {BestFirst, 0, best(math.MaxInt)}}
	for _, leaves := range budgets {
		all = append(all, way{BestFirst, leaves, best(leaves)})
	}
	return all
}

// set holds points, their exact index and their tree.
type set struct {
	base  ann.Vectors
	index *exact.Index
	tree  *trees.KD
}

func newSet(base ann.Vectors) set { return set{base, exact.New(base), trees.NewKD(base)} }

// bruteForce returns the k nearest neighbours of each row, without the row itself, and the seconds per query and core.
func (s set) bruteForce(ctx context.Context, rows []int32, k int) ([]ann.Neighbors, float64, error) {
	lists, errs := make([]ann.Neighbors, len(rows)), make([]error, len(rows))
	started := time.Now()
	parallel.For(len(rows), func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			lists[i], errs[i] = s.index.Search(ann.Point(s.base, rows[i]), k)
		}
	})
	return lists, perQuery(started, len(rows)), errors.Join(errs...)
}

// perQuery returns the seconds per query and core since started, for n queries on all cores.
func perQuery(started time.Time, n int) float64 {
	return time.Since(started).Seconds() * float64(parallel.Limit(n)) / float64(n)
}

// tally holds means over queries.
type tally struct{ visited, overlap, seconds float64 }

// evaluate searches for the rows in one way and compares the answers with truth.
func (s set) evaluate(ctx context.Context, w way, rows []int32, truth []ann.Neighbors) (tally, error) {
	visited, overlap := make([]int, len(rows)), make([]int, len(rows))
	k := len(truth[0])
	started := time.Now()
	parallel.For(len(rows), func(i int) {
		if ctx.Err() != nil {
			return
		}
		found := w.search(s.base.Row(int(rows[i])), k+1)
		visited[i] = found.Visited
		ids := others(found.IDs, rows[i], k)
		for _, n := range truth[i] {
			if slices.Contains(ids, n.ID) {
				overlap[i]++
			}
		}
	})
	return tally{
		visited: float64(sum(visited)) / float64(s.base.N*len(rows)),
		overlap: float64(sum(overlap)) / float64(k*len(rows)),
		seconds: perQuery(started, len(rows)),
	}, ctx.Err()
}

func sum(numbers []int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}

// others returns at most k of the IDs, without self.
func others(ids []int32, self int32, k int) []int32 {
	list := slices.DeleteFunc(slices.Clone(ids), func(id int32) bool { return id == self })
	return list[:min(k, len(list))]
}
