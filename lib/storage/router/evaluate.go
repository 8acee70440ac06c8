package router

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/xla"
)

// evaluateRows is the maximum number of queries that XLA computes together.
const evaluateRows = 2048

// Evaluate computes the logits of all queries on XLA and calls use for one block of queries after another: the block begins with
// query first and has len(logits)/Units() queries. logits is valid during the call only. Cancelling ctx stops it between blocks.
func (n *Network) Evaluate(ctx context.Context, queries ann.Coordinates, use func(first int, logits []float32) error) error {
	if queries.N > 0 && queries.D != n.form.D {
		return fmt.Errorf("router: queries have %d dimensions, the network %d", queries.D, n.form.D)
	}
	backend, err := xla.Backend()
	if err != nil {
		return err
	}
	exec, err := NewExec(backend, func(in []*Node) *Node {
		return n.form.logits(standardized(in[0], in[1], in[2]), in[3:])
	})
	if err != nil {
		return fmt.Errorf("router: %w", err)
	}
	defer exec.Finalize()
	args := n.arguments()
	defer func() {
		for _, a := range args[1:] {
			a.(*tensors.Tensor).FinalizeAll()
		}
	}()
	for first := 0; first < queries.N; first += evaluateRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := n.block(exec, args, queries, first, use); err != nil {
			return err
		}
	}
	return nil
}

// arguments returns the arguments of the graph of Evaluate. The first, the queries, is nil.
func (n *Network) arguments() []any {
	args := []any{nil, tensors.FromFlatDataAndDimensions(n.mean, n.form.D), tensors.FromFlatDataAndDimensions(n.deviation, n.form.D)}
	values := n.values()
	for i, p := range n.form.parameters() {
		args = append(args, tensors.FromFlatDataAndDimensions(values[i], p.dims...))
	}
	return args
}

// block computes the logits of a block of queries. The last block repeats the last query, because XLA compiles for every shape.
func (n *Network) block(
	exec *Exec, args []any, queries ann.Coordinates, first int, use func(first int, logits []float32) error,
) error {
	size := min(evaluateRows, queries.N)
	rows := make([]int32, size)
	for i := range rows {
		rows[i] = int32(min(first+i, queries.N-1))
	}
	b := batches{sources: []source{{vectors: queries}}, d: queries.D}
	x := b.vectors(rows)
	defer x.FinalizeAll()
	args[0] = x
	out, err := exec.Call(args...)
	if err != nil {
		return fmt.Errorf("router: %w", err)
	}
	defer out[0].FinalizeAll()
	held := min(size, queries.N-first)
	var failed error
	err = tensors.ConstFlatData(out[0], func(flat []float32) { failed = use(first, flat[:held*n.form.Units]) })
	return cmp.Or(failed, err)
}

// Ranks holds the most probable units of queries.
type Ranks struct {
	Limit int       // number of units of a query
	Units []int32   // query after query, the most probable unit first, ties by unit
	Mass  []float32 // the probabilities of Units
}

// Rank returns the limit most probable units of every query. A limit of more than Units() counts as Units().
func (n *Network) Rank(ctx context.Context, queries ann.Coordinates, limit int) (Ranks, error) {
	limit = min(limit, n.form.Units)
	if limit < 1 {
		return Ranks{}, fmt.Errorf("router: limit %d: must be at least 1", limit)
	}
	r := Ranks{limit, make([]int32, queries.N*limit), make([]float32, queries.N*limit)}
	err := n.Evaluate(ctx, queries, func(first int, logits []float32) error {
		units := n.form.Units
		parallel.For(len(logits)/units, func(i int) {
			p := slices.Clone(logits[i*units : (i+1)*units])
			Probabilities(p)
			at := (first + i) * limit
			copy(r.Units[at:], Top(logits[i*units:(i+1)*units], limit))
			for j := range limit {
				r.Mass[at+j] = p[r.Units[at+j]]
			}
		})
		return nil
	})
	return r, err
}

// Top returns the limit units with the largest logits, the largest first, ties by unit. limit must not exceed the number of
// logits.
func Top(logits []float32, limit int) []int32 {
	larger := func(a, b int32) int { return cmp.Or(cmp.Compare(logits[b], logits[a]), cmp.Compare(a, b)) }
	if limit == 1 {
		best := int32(0)
		for u, x := range logits {
			if x > logits[best] {
				best = int32(u)
			}
		}
		return []int32{best}
	}
	all := make([]int32, len(logits))
	for u := range all {
		all[u] = int32(u)
	}
	slices.SortFunc(all, larger)
	return all[:limit]
}
