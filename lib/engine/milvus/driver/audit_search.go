package driver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/milvus-io/milvus/client/v2/column"
	"github.com/milvus-io/milvus/client/v2/entity"
	"github.com/milvus-io/milvus/client/v2/index"
	"github.com/milvus-io/milvus/client/v2/milvusclient"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
)

// matching returns the number of rows that match an expression.
func (c *collection) matching(ctx context.Context, filter string) (int, error) {
	ctx, cancel := c.limited(ctx)
	defer cancel()
	result, err := c.client.Query(ctx, milvusclient.NewQueryOption(c.o.Name).WithFilter(filter).WithOutputFields("count(*)"))
	if err != nil {
		return 0, err
	}
	counted := result.GetColumn("count(*)")
	if counted == nil || counted.Len() != 1 {
		return 0, errors.New("the server returned no count")
	}
	n, err := counted.GetAsInt64(0)
	return int(n), err
}

// Ask implements live.Engine. A full Milvus rejects ef < k.
func (c *collection) Ask(ctx context.Context, vector []float32, k int, s live.Setting) (live.Answer, error) {
	ctx, cancel := c.limited(ctx)
	defer cancel()
	var effort index.AnnParam = index.NewHNSWAnnParam(s.EfSearch)
	if c.found.Uncounted {
		effort = index.NewIvfAnnParam(s.EfSearch)
	}
	option := milvusclient.NewSearchOption(c.o.Name, k, []entity.Vector{entity.FloatVector(vector)}).WithANNSField(c.field).
		WithOutputFields(c.key).WithAnnParam(effort)
	if c.o.Filter != "" {
		option = option.WithFilter(c.o.Filter)
	}
	begin := time.Now()
	results, err := c.client.Search(ctx, option)
	took := time.Since(begin)
	if err != nil && strings.Contains(err.Error(), "should be larger than k") {
		return live.Answer{}, hide(fmt.Errorf("%w: %w", live.ErrRejected, err))
	}
	if err != nil {
		return live.Answer{}, hide(err)
	}
	if len(results) != 1 {
		return live.Answer{}, fmt.Errorf("%d answers to one query", len(results))
	}
	a, err := c.read(results[0])
	a.Took = took
	return a, hide(err)
}

// read returns the keys and the distances of a result. A score of the cosine or the inner product is larger for nearer rows.
func (c *collection) read(result milvusclient.ResultSet) (a live.Answer, err error) {
	if result.Err != nil {
		return a, result.Err
	}
	for i := range result.ResultCount {
		key, err := keyOf(result.IDs, i)
		if err != nil {
			return a, err
		}
		distance := float64(result.Scores[i])
		switch c.found.Metric {
		case ann.Cosine:
			distance = 1 - distance
		case ann.InnerProduct:
			distance = -distance
		}
		a.IDs, a.Distances = append(a.IDs, key), append(a.Distances, distance)
	}
	return a, nil
}

// keyOf returns a primary key, a number or a text.
func keyOf(keys column.Column, i int) (string, error) {
	value, err := keys.Get(i)
	return fmt.Sprint(value), err
}

// Vectors implements live.Engine. It is an error if the server does not return every row that matches exactly once.
func (c *collection) Vectors(ctx context.Context, yield func(key string, vector []float32) error) error {
	rows := 0
	err := c.pages(ctx, func(keys column.Column, vectors [][]float32) error {
		for i, vector := range vectors {
			key, err := keyOf(keys, i)
			if err != nil {
				return err
			}
			if c.found.Metric.Check(ann.Vectors{N: 1, D: len(vector), Data: vector}) == nil { // no zero vector under the cosine
				if err := yield(key, vector); err != nil {
					return err
				}
			}
		}
		rows += len(vectors)
		return nil
	})
	if err == nil && rows != c.found.Matching {
		err = fmt.Errorf("the server returned %d vectors of the %d that match: the collection has changed, or its pages are not complete", rows, c.found.Matching)
	}
	return hide(err)
}

// pageRows is the number of rows of a page. A page of vectors of 4,096 dimensions has 16 MB.
const pageRows = 1000

// pages calls yield with the keys and vectors of the rows that match the filter, page by page in the order of the keys.
func (c *collection) pages(ctx context.Context, yield func(column.Column, [][]float32) error) error {
	within, cancel := c.limited(ctx)
	defer cancel()
	option := milvusclient.NewQueryIteratorOption(c.o.Name).WithBatchSize(pageRows).WithOutputFields(c.key, c.field).WithFilter(c.o.Filter)
	pages, err := c.client.QueryIterator(within, option)
	if err != nil {
		return err
	}
	for {
		within, cancel := c.limited(ctx)
		page, err := pages.Next(within)
		cancel()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		keys, vectors := page.GetColumn(c.key), page.GetColumn(c.field)
		floats, ok := vectors.(*column.ColumnFloatVector)
		if !ok || keys == nil || keys.Len() != floats.Len() {
			return fmt.Errorf("the server returned a page without %s or %s", c.key, c.field)
		}
		list := make([][]float32, floats.Len())
		for i, v := range floats.Data() {
			list[i] = v
		}
		if err := yield(keys, list); err != nil {
			return err
		}
	}
}

// Sample implements live.Engine. It reads all vectors, and keeps those whose key has the smallest hash.
func (c *collection) Sample(ctx context.Context, n int, seed uint64) ([]live.Query, error) {
	type chosen struct {
		hash uint64
		live.Query
	}
	var all []chosen
	order := func(a, b chosen) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.Name, b.Name)) }
	err := c.Vectors(ctx, func(key string, vector []float32) error {
		hash := fnv.New64a()
		fmt.Fprintf(hash, "%d %s", seed, key)
		all = append(all, chosen{hash.Sum64() * 0x9e3779b97f4a7c15, live.Query{Name: key, Stored: true, Vector: slices.Clone(vector)}})
		if len(all) >= 2*n+pageRows {
			slices.SortFunc(all, order)
			all = all[:n]
		}
		return nil
	})
	slices.SortFunc(all, order)
	queries := make([]live.Query, 0, n)
	for _, a := range all[:min(n, len(all))] {
		queries = append(queries, a.Query)
	}
	return queries, err
}

var _ live.Session = (*collection)(nil)
