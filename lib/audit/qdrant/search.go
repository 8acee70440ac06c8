package qdrant

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
)

// id is the ID of a point as it is written in JSON: a number, or a UUID in quotes.
type id = json.RawMessage

// name returns the ID as it is shown.
func name(i id) string {
	var text string
	if json.Unmarshal(i, &text) == nil {
		return text
	}
	return string(i)
}

// Ask implements live.Engine. At the present setting it sends no hnsw_ef, as an application that has none.
func (c *Collection) Ask(ctx context.Context, vector []float32, k int, s live.Setting) (live.Answer, error) {
	if s == c.found.Present {
		return c.answer(ctx, vector, k, nil)
	}
	return c.answer(ctx, vector, k, &params{HNSWEf: s.EfSearch})
}

// Exact implements live.Engine.
func (c *Collection) Exact(ctx context.Context, vector []float32, k int) (live.Answer, error) {
	return c.answer(ctx, vector, k, &params{Exact: true})
}

func (c *Collection) answer(ctx context.Context, vector []float32, k int, p *params) (a live.Answer, err error) {
	var result struct {
		Points []struct {
			ID    id      `json:"id"`
			Score float64 `json:"score"`
		} `json:"points"`
	}
	no := false
	begin := time.Now()
	err = c.client.post(ctx, c.path+"/points/query", request{Query: vector, Using: c.vector, Filter: c.filter, Limit: k, Params: p, Payload: &no}, &result)
	a.Took = time.Since(begin)
	for _, point := range result.Points {
		a.IDs, a.Distances = append(a.IDs, name(point.ID)), append(a.Distances, c.distance(point.Score))
	}
	return a, err
}

// distance returns the distance for a score of Qdrant: the distance, the cosine, or the inner product.
func (c *Collection) distance(score float64) float64 {
	switch c.found.Metric {
	case ann.Cosine:
		return 1 - score
	case ann.InnerProduct:
		return -score
	}
	return score
}

// Plan implements live.Engine. Qdrant does not say whether it uses its index.
func (c *Collection) Plan(context.Context, []float32, int, live.Setting) (live.Plan, error) {
	return live.Plan{}, nil
}

// page is a page of points.
type page struct {
	Points []struct {
		ID     id              `json:"id"`
		Vector json.RawMessage `json:"vector"`
	} `json:"points"`
	Next id `json:"next_page_offset"`
}

// scroll calls yield with each point that matches the filter.
func (c *Collection) scroll(ctx context.Context, limit int, withVector any, yield func(id, json.RawMessage) error) error {
	no := false
	for next := id(nil); ; {
		var p page
		err := c.client.post(ctx, c.path+"/points/scroll", request{Filter: c.filter, Limit: limit, Offset: next, WithVector: withVector, Payload: &no}, &p)
		if err != nil {
			return err
		}
		for _, point := range p.Points {
			if err := yield(point.ID, point.Vector); err != nil {
				return err
			}
		}
		if !isSet(p.Next) {
			return nil
		}
		if len(p.Points) == 0 || string(p.Next) == string(next) {
			return fmt.Errorf("the page of points after %s has no end", name(next))
		}
		next = p.Next
	}
}

// withVector asks for the vector of the collection.
func (c *Collection) withVector() any {
	if c.vector == "" {
		return true
	}
	return []string{c.vector}
}

// vectorOf decodes the vector of a point. ok is false if it has none.
func (c *Collection) vectorOf(text json.RawMessage) (vector []float32, ok bool, err error) {
	if c.vector != "" {
		var named map[string]json.RawMessage
		if err := json.Unmarshal(text, &named); err != nil {
			return nil, false, err
		}
		text = named[c.vector]
	}
	if !isSet(text) {
		return nil, false, nil
	}
	err = json.Unmarshal(text, &vector)
	return vector, err == nil, err
}

// idsInPage and vectorsInPage are the numbers of points that a request asks for.
const (
	idsInPage     = 10_000
	vectorsInPage = 500
)

// Sample implements live.Engine. It reads the IDs of all points that match, and chooses those with the smallest hash.
func (c *Collection) Sample(ctx context.Context, n int, seed uint64) (queries []live.Query, err error) {
	type chosen struct {
		hash uint64
		id   id
	}
	var all []chosen
	order := func(a, b chosen) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(string(a.id), string(b.id)))
	}
	err = c.scroll(ctx, idsInPage, false, func(i id, _ json.RawMessage) error {
		hash := fnv.New64a()
		fmt.Fprintf(hash, "%d %s", seed, i)
		all = append(all, chosen{scramble(hash.Sum64()), slices.Clone(i)})
		if len(all) >= 2*n+idsInPage {
			slices.SortFunc(all, order)
			all = all[:n]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, order)
	var ids []id
	for _, a := range all[:min(n, len(all))] {
		ids = append(ids, a.id)
	}
	return c.retrieve(ctx, ids)
}

// scramble spreads the differences of two hashes over all bits (the finalizer of MurmurHash3).
func scramble(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// retrieve returns the points with the IDs as queries, in their order. Those without a vector, and zero vectors under the cosine,
// are left out.
func (c *Collection) retrieve(ctx context.Context, ids []id) (queries []live.Query, err error) {
	no := false
	for part := range slices.Chunk(ids, vectorsInPage) {
		var points []struct {
			ID     id              `json:"id"`
			Vector json.RawMessage `json:"vector"`
		}
		if err := c.client.post(ctx, c.path+"/points", request{IDs: part, WithVector: c.withVector(), Payload: &no}, &points); err != nil {
			return nil, err
		}
		found := make(map[string]json.RawMessage, len(points))
		for _, p := range points {
			found[name(p.ID)] = p.Vector
		}
		for _, i := range part {
			vector, ok, err := c.vectorOf(found[name(i)])
			if err != nil {
				return nil, fmt.Errorf("point %s: %w", name(i), err)
			}
			if ok && c.found.Metric.Check(ann.Vectors{N: 1, D: len(vector), Data: vector}) == nil {
				queries = append(queries, live.Query{Name: name(i), Stored: true, Vector: vector})
			}
		}
	}
	return queries, nil
}

// Vectors implements live.Engine.
func (c *Collection) Vectors(ctx context.Context, yield func(id string, vector []float32) error) error {
	return c.scroll(ctx, vectorsInPage, c.withVector(), func(i id, text json.RawMessage) error {
		vector, ok, err := c.vectorOf(text)
		if err != nil {
			return fmt.Errorf("point %s: %w", name(i), err)
		}
		if !ok || c.found.Metric.Check(ann.Vectors{N: 1, D: len(vector), Data: vector}) != nil {
			return nil
		}
		return yield(name(i), vector)
	})
}

var _ live.Session = (*Collection)(nil)
