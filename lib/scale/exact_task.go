package scale

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/scale/shard"
)

// exactTask computes tasks of exact neighbours. It holds one block of queries, two blocks of the base and the lists.
type exactTask struct {
	*Work
	plan    *Exact
	metric  ann.Metric
	base    *shard.Set
	queries *shard.Set // the base itself, unless the queries are in a file
	rows    []int32    // of the base that are asked; nil if the queries are in a file
	at      Places

	block   int // whose vectors are held; −1 means none
	vectors ann.Vectors
	buffers [2][]float32
}

func openExact(ctx context.Context, work *Work, at Places) (_ *exactTask, err error) {
	x := &exactTask{Work: work, plan: work.Plan.Exact, at: at, block: -1}
	defer func() {
		if err != nil {
			err = errors.Join(err, x.close())
		}
	}()
	if x.metric, err = ann.ParseMetric(x.plan.Metric); err != nil {
		return nil, err
	}
	if x.base, err = x.plan.Base.open(ctx, at.Data); err != nil {
		return nil, err
	}
	if x.queries = x.base; x.plan.Queries.File != nil {
		if x.queries, err = x.plan.Queries.File.open(ctx, at.Queries); err != nil {
			return nil, err
		}
	}
	x.rows, err = x.plan.Rows()
	return x, err
}

// Describe opens vectors in shards and describes them for a plan.
func Describe(ctx context.Context, location string) (Data, error) {
	set, err := shard.Open(ctx, location)
	if err != nil {
		return Data{}, err
	}
	d := Data{Location: location, Rows: set.Len(), Dim: set.Dim(), Kind: set.Kind(), Fingerprint: set.Fingerprint()}
	for _, s := range set.Shards() {
		d.Bytes += s.Bytes
	}
	d.shards = shards(set)
	return d, set.Close()
}

// shards returns the inventory of a set.
func shards(set *shard.Set) (all []item) {
	for _, s := range set.Shards() {
		all = append(all, item{s.Name, s.Bytes, s.Rows, s.Version})
	}
	return all
}

// open opens the vectors, and compares them with the description.
func (d Data) open(ctx context.Context, location string) (*shard.Set, error) {
	set, err := shard.Open(ctx, location)
	if err != nil {
		return nil, err
	}
	if set.Fingerprint() != d.Fingerprint || set.Len() != d.Rows || set.Dim() != d.Dim {
		text := fmt.Sprintf("%s: the shards were changed since the plan was made: %d × %d vectors with the fingerprint %.12s, the plan has %d × %d with %.12s",
			location, set.Len(), set.Dim(), set.Fingerprint(), d.Rows, d.Dim, d.Fingerprint)
		return nil, errors.Join(&changedError{text, d.Fingerprint, shards(set)}, set.Close())
	}
	return set, nil
}

func (x *exactTask) unchanged(ctx context.Context) error {
	set, err := x.plan.Base.open(ctx, x.at.Data)
	if err != nil {
		return err
	}
	if err := set.Close(); err != nil || x.plan.Queries.File == nil {
		return err
	}
	if set, err = x.plan.Queries.File.open(ctx, x.at.Queries); err != nil {
		return err
	}
	return set.Close()
}

func (x *exactTask) stored(ctx context.Context, i int, task string) error {
	_, err := x.lists(ctx, task, x.plan.block(i/x.plan.Parts).len())
	return err
}

// result compares the block of queries with the part of the base, block by block; the next block is read while one is compared.
func (x *exactTask) result(ctx context.Context, i int, task string) ([]byte, error) {
	block := i / x.plan.Parts
	if err := x.readQueries(ctx, block); err != nil {
		return nil, err
	}
	var self []int32
	if s := x.plan.block(block); x.rows != nil {
		self = x.rows[s.from:s.to]
	}
	stream, err := exact.NewStream(x.vectors, x.plan.K, x.metric, exact.StreamOptions{Self: self})
	if err != nil {
		return nil, zeroNamed(err, x.queries, func(i int) int {
			if i += x.plan.block(block).from; x.rows != nil {
				return int(x.rows[i])
			}
			return i
		})
	}
	if err := x.compare(ctx, stream, x.plan.part(i%x.plan.Parts)); err != nil {
		return nil, err
	}
	return sealLists(task, stream.Partial())
}

// zeroNamed names the shard and the row of a zero vector of a block. rowOf returns the row in the set of row i of the block.
func zeroNamed(err error, set *shard.Set, rowOf func(i int) int) error {
	zero := (*ann.ZeroError)(nil)
	if !errors.As(err, &zero) {
		return err
	}
	return fmt.Errorf("%s is the zero vector, which has no direction and no cosine", set.RowName(rowOf(zero.Row)))
}

// step returns the number of rows of a block if a span is divided evenly into as few blocks as most allows. Blocks of one size are
// compared by one compiled program.
func (s span) step(most int) int {
	blocks := (s.len() + most - 1) / most
	return (s.len() + blocks - 1) / blocks
}

// compare adds the rows of a part of the base to stream.
func (x *exactTask) compare(ctx context.Context, stream *exact.Stream, part span) error {
	step := part.step(x.plan.BaseBlock)
	for i := range x.buffers {
		if x.buffers[i] == nil {
			x.buffers[i] = make([]float32, min(x.plan.BaseBlock, x.base.Len())*x.base.Dim())
		}
	}
	read := func(ctx context.Context, i, first int) (ann.Vectors, error) {
		n := min(step, part.to-first)
		v := ann.Vectors{N: n, D: x.base.Dim(), Data: x.buffers[i][:n*x.base.Dim()]}
		return v, x.base.Read(ctx, first, first+n, v.Data)
	}
	next, err := read(ctx, 0, part.from)
	for first, i := part.from, 1; first < part.to && err == nil; first, i = first+step, 1-i {
		now, from := next, first
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error {
			if err := stream.Add(ctx, from, now); err != nil {
				err = zeroNamed(err, x.base, func(i int) int { return from + i })
				return fmt.Errorf("%s: rows %d to %d: %w", x.at.Data, from, from+now.N-1, err)
			}
			return nil
		})
		if from+step < part.to {
			group.Go(func() (err error) {
				next, err = read(ctx, i, from+step)
				return err
			})
		}
		err = group.Wait()
	}
	return err
}

// readers returns the number of rows of a sample that are read at the same time. Parquet files must be read in the order of the rows.
func readers(set *shard.Set) int {
	for _, s := range set.Shards() {
		if name := strings.ToLower(s.Name); strings.HasSuffix(name, ".parquet") || strings.HasSuffix(name, ".pq") {
			return 1
		}
	}
	return 16
}

// readQueries reads a block of queries, unless it is held. Rows that follow each other are read together.
func (x *exactTask) readQueries(ctx context.Context, block int) error {
	if x.block == block {
		return nil
	}
	s, d := x.plan.block(block), x.base.Dim()
	x.block, x.vectors = -1, ann.Vectors{N: s.len(), D: d, Data: make([]float32, s.len()*d)}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers(x.queries))
	for from := s.from; from < s.to; {
		to := x.following(from, s.to)
		first := from
		if x.rows != nil {
			first = int(x.rows[from])
		}
		into := x.vectors.Data[(from-s.from)*d : (to-s.from)*d]
		group.Go(func() error { return x.queries.Read(ctx, first, first+len(into)/d, into) })
		from = to
	}
	if err := group.Wait(); err != nil {
		return err
	}
	x.block = block
	return nil
}

// following returns the end of the range of queries from the given one on whose rows follow each other.
func (x *exactTask) following(from, end int) int {
	to := from + 1
	for to < end && (x.rows == nil || x.rows[to] == x.rows[to-1]+1) {
		to++
	}
	return to
}

func (x *exactTask) close() (err error) {
	if x.queries != nil && x.queries != x.base {
		err = x.queries.Close()
	}
	if x.base != nil {
		err = errors.Join(err, x.base.Close())
	}
	return err
}
