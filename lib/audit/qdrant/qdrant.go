// Package qdrant audits collections of Qdrant through its HTTP API. It calls only what reads. Its requests follow the OpenAPI
// description of August 2026; they were tried on a server that imitates it, not on Qdrant itself, which no package registry has.
//
// Qdrant has no snapshot that a search could see: points that are written during the audit may be in one list and not in the
// other.
package qdrant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
	"anncapacity/lib/engine"
	"anncapacity/lib/report"
)

// KeyVariable is the name of the environment variable with the API key.
const KeyVariable = "QDRANT_API_KEY"

// DefaultTimeout is the time limit of a request if the target has none.
const DefaultTimeout = time.Minute

// Driver opens collections of Qdrant.
var Driver = live.Driver{Flag: "qdrant", Open: func(ctx context.Context, o live.Target) (live.Session, error) { return Open(ctx, o) }}

// Collection is a collection of a server. It implements live.Engine.
type Collection struct {
	client client
	path   string // of the collection
	vector string // name of the vector; "" if the collection has a single one without a name
	filter json.RawMessage
	found  live.Index
}

// metrics holds Qdrant's names of the metrics.
var metrics = map[string]ann.Metric{"Euclid": ann.Euclidean, "Cosine": ann.Cosine, "Dot": ann.InnerProduct}

// Open finds the collection. The fields of the target are:
//
//   - Address: of the server, http://host:6333. The API key is read from the environment variable KeyVariable.
//   - Name: of the collection.
//   - Column: the name of the vector, if the collection has several.
//   - Filter: a filter of Qdrant in JSON.
func Open(ctx context.Context, o live.Target) (*Collection, error) {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	client, err := newClient(o.Address, os.Getenv(KeyVariable), o.Timeout)
	if err != nil {
		return nil, err
	}
	c := &Collection{client: client, path: "/collections/" + url.PathEscape(o.Name)}
	c.found.Name = o.Name
	if err := c.setFilter(o.Filter); err != nil {
		return nil, err
	}
	if err := c.describe(ctx, o); err != nil {
		return nil, err
	}
	return c, c.count(ctx)
}

// setFilter checks that the filter is an object in JSON.
func (c *Collection) setFilter(text string) error {
	if text == "" {
		return nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return fmt.Errorf("the filter is not an object in JSON: %w", err)
	}
	compact, err := json.Marshal(object)
	c.filter = compact
	return err
}

// information is what Qdrant says of a collection.
type information struct {
	Status  string `json:"status"`
	Indexed int    `json:"indexed_vectors_count"`
	Config  struct {
		Params struct {
			Vectors json.RawMessage `json:"vectors"`
		} `json:"params"`
		HNSW         hnsw            `json:"hnsw_config"`
		Quantization json.RawMessage `json:"quantization_config"`
	} `json:"config"`
}

type hnsw struct {
	M                 int `json:"m"`
	EfConstruct       int `json:"ef_construct"`
	FullScanThreshold int `json:"full_scan_threshold"`
}

// vectorParams describes a vector of the points.
type vectorParams struct {
	Size         int             `json:"size"`
	Distance     string          `json:"distance"`
	Multivector  json.RawMessage `json:"multivector_config"`
	HNSW         *hnsw           `json:"hnsw_config"`
	Quantization json.RawMessage `json:"quantization_config"`
}

// describe reads the configuration of the collection.
func (c *Collection) describe(ctx context.Context, o live.Target) error {
	var info information
	if err := c.client.get(ctx, c.path, &info); err != nil {
		return err
	}
	v, err := c.choose(info.Config.Params.Vectors, o.Column)
	if err != nil {
		return err
	}
	if isSet(v.Multivector) {
		return fmt.Errorf("collection %s has several vectors for each point (multivector), which the audit does not serve", o.Name)
	}
	metric, ok := metrics[v.Distance]
	if !ok {
		return fmt.Errorf("collection %s has the distance %s, which the audit does not serve: it serves Euclid, Cosine and Dot", o.Name, v.Distance)
	}
	if o.Metric != nil && *o.Metric != metric {
		return fmt.Errorf("collection %s has the distance %s, not that of the metric %s", o.Name, v.Distance, *o.Metric)
	}
	graph := info.Config.HNSW
	if v.HNSW != nil && v.HNSW.EfConstruct > 0 {
		graph.EfConstruct = v.HNSW.EfConstruct
	}
	if v.HNSW != nil && v.HNSW.M > 0 {
		graph.M = v.HNSW.M
	}
	c.describeIndex(v, metric, graph)
	c.describeState(info, isSet(v.Quantization) || isSet(info.Config.Quantization))
	c.found.Version = c.client.version(ctx)
	return nil
}

func isSet(value json.RawMessage) bool { return len(value) > 0 && string(value) != "null" }

// choose returns the only vector of the points, or the one with the name.
func (c *Collection) choose(vectors json.RawMessage, name string) (v vectorParams, err error) {
	if json.Unmarshal(vectors, &v) == nil && v.Size > 0 {
		if name != "" {
			return v, fmt.Errorf("collection %s has one vector without a name, not %q", c.found.Name, name)
		}
		return v, nil
	}
	var named map[string]vectorParams
	if err := json.Unmarshal(vectors, &named); err != nil || len(named) == 0 {
		return v, fmt.Errorf("collection %s has no dense vectors", c.found.Name)
	}
	var names []string
	for n := range named {
		names = append(names, n)
	}
	slices.Sort(names)
	if name == "" && len(named) == 1 {
		name = names[0]
	}
	v, ok := named[name]
	if !ok {
		return v, fmt.Errorf("collection %s has the vectors %s: choose one with -column", c.found.Name, strings.Join(names, ", "))
	}
	c.vector = name
	return v, nil
}

// describeIndex describes the index. Without hnsw_ef, Qdrant searches with ef_construct.
func (c *Collection) describeIndex(v vectorParams, metric ann.Metric, graph hnsw) {
	f := &c.found
	f.Engine, f.D, f.Metric, f.Effort, f.Policy = "Qdrant HNSW", v.Size, metric, "hnsw_ef", engine.Qdrant.Policy
	f.Present = live.Setting{EfSearch: max(1, graph.EfConstruct)}
	for _, ef := range []int{16, 32, 64, 128, 256, 512, 1024} {
		f.Ladder = append(f.Ladder, live.Setting{EfSearch: ef})
	}
	f.Notes = append(f.Notes, fmt.Sprintf("The index is HNSW with m = %d and ef_construct = %d. A search without hnsw_ef has hnsw_ef = ef_construct, which is taken as the present setting.", graph.M, graph.EfConstruct))
	f.How = append(f.How, "Each query was POST "+c.path+"/points/query with limit = k, params.hnsw_ef (none at the present setting) and the filter, without payload.",
		"The exact scan was the same request with params.exact = true. Nothing was written. Qdrant has no snapshot: points that were written meanwhile may be in one list and not in the other.")
}

// describeState adds notes on what the index does not hold.
func (c *Collection) describeState(info information, quantized bool) {
	f := &c.found
	if info.Status != "green" {
		f.Notes = append(f.Notes, fmt.Sprintf("The status of the collection is %s: its index may be under construction.", info.Status))
	}
	f.Notes = append(f.Notes, fmt.Sprintf("About %d vectors are in an index, as Qdrant says; it scans segments without one, and those with fewer points than full_scan_threshold. Qdrant does not say which way a query goes.", info.Indexed))
	if quantized {
		f.Notes = append(f.Notes, "The collection is quantized. The exact scan compares the vectors themselves if Qdrant does not decide otherwise; -truth-from-vectors checks it.")
	}
}

// count counts the points, and those that match the filter.
func (c *Collection) count(ctx context.Context) (err error) {
	if c.found.N, err = c.points(ctx, nil); err != nil {
		return err
	}
	c.found.Matching = c.found.N
	if c.filter == nil {
		return nil
	}
	if c.found.Matching, err = c.points(ctx, c.filter); err != nil {
		return fmt.Errorf("filter: %w", err)
	}
	c.found.Filter = &report.Filter{Text: string(c.filter), Matching: c.found.Matching}
	if c.found.N > 0 {
		c.found.Filter.Selectivity = float64(c.found.Matching) / float64(c.found.N)
	}
	return nil
}

func (c *Collection) points(ctx context.Context, filter json.RawMessage) (int, error) {
	var result struct {
		Count *int `json:"count"`
	}
	err := c.client.post(ctx, c.path+"/points/count", request{Filter: filter, Exact: true}, &result)
	if err == nil && result.Count == nil {
		err = errors.New("the answer has no count")
	}
	if err != nil {
		return 0, err
	}
	return *result.Count, nil
}

// Index implements live.Engine.
func (c *Collection) Index() live.Index { return c.found }

// Close implements live.Session.
func (c *Collection) Close() error {
	c.client.http.CloseIdleConnections()
	return nil
}

// Statement implements live.Engine.
func (c *Collection) Statement(s live.Setting, k int) string {
	return engine.Qdrant.Statement(s.EfSearch, k)
}
