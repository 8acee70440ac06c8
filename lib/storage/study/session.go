package study

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/storage"
	"anncapacity/lib/storage/partition"
	"anncapacity/lib/storage/postings"
)

// session is an open study.
type session struct {
	Options
	held  ann.Coordinates // learn queries that are held out as test queries
	dir   string          // folder of the parts
	data  string          // key of the vectors
	tests map[int][]test  // by number of base vectors

	partitions map[string]partition.Result // of networks
}

// open checks the inputs and opens the folder of the parts.
func open(ctx context.Context, o Options) (*session, error) {
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	s := &session{Options: o, tests: map[int][]test{}, partitions: map[string]partition.Result{}}
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("storage study: %w", err)
	}
	var err error
	s.data = parts.Key(func(sum io.Writer) {
		for _, c := range []ann.Coordinates{o.Base, o.Learn, o.Queries} {
			hash := postings.Hash(c)
			fmt.Fprintln(sum, hex.EncodeToString(hash[:]))
		}
	})
	if s.Learn, err = s.disjoint("learn queries", o.Learn); err != nil {
		return nil, err
	}
	if s.Queries, err = s.disjoint("queries", o.Queries); err != nil {
		return nil, err
	}
	held := min(o.Plan.Queries, s.Learn.N/10)
	if held < 1 {
		return nil, fmt.Errorf("storage study: %d learn queries are too few: a tenth of them is held out", s.Learn.N)
	}
	s.held, s.Learn = s.Learn.Slice(s.Learn.N-held, s.Learn.N), s.Learn.Slice(0, s.Learn.N-held)
	if s.dir, err = parts.Folder(o.Out, "storage"); err != nil {
		return nil, err
	}
	return s, ctx.Err()
}

// check returns an error if a number is not finite or if the base has fewer vectors than a query has neighbours.
func (o Options) check() error {
	for _, v := range []struct {
		what string
		c    ann.Coordinates
	}{{"base", o.Base}, {"learn queries", o.Learn}, {"queries", o.Queries}} {
		if err := storage.CheckFinite(v.c); err != nil {
			return fmt.Errorf("%s: %w", v.what, err)
		}
	}
	if most := slices.Max(Ks); o.Base.N < most {
		return fmt.Errorf("%d base vectors are too few: a query has %d neighbours", o.Base.N, most)
	}
	return nil
}

// mostNamed is the maximum number of rows that are named in a report.
const mostNamed = 10

// disjoint returns the queries that are not base vectors, and reports the others.
func (s *session) disjoint(what string, queries ann.Coordinates) (ann.Coordinates, error) {
	kept, inBase, err := storage.Disjoint(s.Base, queries)
	if err != nil {
		return kept, fmt.Errorf("%s: %w", what, err)
	}
	if len(inBase) > 0 {
		rows := strings.Trim(fmt.Sprint(inBase[:min(mostNamed, len(inBase))]), "[]")
		if len(inBase) > mostNamed {
			rows += " …"
		}
		fmt.Fprintf(s.Progress, "%d of %d %s are base vectors and are left out: rows %s\n", len(inBase), queries.N, what, rows)
	}
	return kept, nil
}

// first returns the first n vectors, or all if there are fewer, without a copy.
func first(c ann.Coordinates, n int) ann.Coordinates { return c.Slice(0, min(n, c.N)) }

// deviationOf returns the standard deviation of all numbers of the vectors.
func deviationOf(c ann.Coordinates) float64 {
	sum, squares, row := 0., 0., make([]float32, c.D)
	for i := range c.N {
		for _, x := range c.Row(i, row) {
			sum += float64(x)
			squares += float64(x) * float64(x)
		}
	}
	n := float64(c.N * c.D)
	return math.Sqrt(max(0, squares/n-sum/n*sum/n))
}
