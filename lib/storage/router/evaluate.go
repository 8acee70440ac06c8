package router

import (
	"cmp"
	"context"
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/ann"
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

// Best returns the unit with the largest logit, ties by unit. There must be at least one.
func Best(logits []float32) (unit int32) {
	for u, x := range logits {
		if x > logits[unit] {
			unit = int32(u)
		}
	}
	return unit
}
