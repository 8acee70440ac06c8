// Package audit determines what an HNSW index that exists returns: the recall and the length of its answers, at every k and
// efSearch, for the queries of its users.
//
// The file of an index is read by package indexfile. One walk over its graph for each query contains every search with an
// efSearch up to the largest, and so the answers to every question (package hnsw). They are compared with exact search among the
// vectors that are not marked as deleted.
package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/indexfile"
	"anncapacity/lib/report"
)

// Options are the parameters of an audit. Index, K and Recall must be set.
type Options struct {
	Index *indexfile.Index
	Name  string // of the index, in the report

	// Base holds the vectors that the index was built from; the neighbours that are wanted are theirs. Row i is the vector with the
	// external ID i or, if the IDs are no row numbers, vector i of the file. N = 0 means the vectors of the file.
	Base     ann.Vectors
	BaseName string

	// Queries are what users ask. N = 0 means a sample of the indexed points, each without itself.
	Queries     ann.Vectors
	QueriesName string
	Sample      int    // number of points that are queries. Zero means 1000.
	Seed        uint64 // of the sample, and of the halves of the queries for the advice

	K        []int   // numbers of neighbours
	EfSearch []int   // nil means DefaultEfSearch. A single value is the present setting, otherwise that of the file or the library is.
	Recall   float64 // wanted mean recall

	Labels     []int64 // by row, as in Base; nil means no audit of filters
	Label      []int64 // those to report; nil means the most frequent, at most MostLabels
	LabelsName string

	Progress io.Writer // nil means that none is shown
}

// DefaultEfSearch lists the values of efSearch of an audit.
var DefaultEfSearch = []int{16, 32, 64, 128, 256, 512, 1024}

const (
	defaultSample = 1000
	// MostLabels is the maximum number of labels that an audit reports if none are chosen.
	MostLabels = 10
)

// Run audits an index file.
func Run(ctx context.Context, o Options) (*report.Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	p, err := newProblem(o)
	if err != nil {
		return nil, err
	}
	if err := p.findTruth(ctx); err != nil {
		return nil, err
	}
	if err := p.findLabelTruth(ctx); err != nil {
		return nil, err
	}
	s, err := p.walkAll(ctx)
	if err != nil {
		return nil, err
	}
	r := p.report()
	if r.Advice, err = s.advice(); err != nil {
		return nil, err
	}
	if r.Settings, err = s.settings(r.Advice); err != nil {
		return nil, err
	}
	r.Graph, r.Worst, r.Labels, r.Notes = p.graph(), s.worst(r), s.labelRows(), s.notes()
	return r, nil
}

// withDefaults sets the defaults and checks the options that do not depend on the vectors.
func (o Options) withDefaults() (Options, error) {
	if o.Index == nil || len(o.K) == 0 {
		return o, errors.New("audit: needs an index and at least one k")
	}
	if o.Sample == 0 {
		o.Sample = defaultSample
	}
	o.K = slices.Compact(slices.Sorted(slices.Values(o.K)))
	if !(o.Recall > 0 && o.Recall < 1) {
		return o, fmt.Errorf("audit: recall = %v: must be above 0 and below 1", o.Recall)
	}
	if o.K[0] < 1 || slices.Min(append([]int{1}, o.EfSearch...)) < 1 || o.Sample < 2 {
		return o, errors.New("audit: k and efSearch must be at least 1, and the sample at least 2")
	}
	if len(o.EfSearch) == 0 {
		o.EfSearch = slices.Clone(DefaultEfSearch)
	}
	if len(o.EfSearch) != 1 {
		o.EfSearch = append(slices.Clone(o.EfSearch), o.Index.DefaultEfSearch())
	}
	o.EfSearch = slices.Compact(slices.Sorted(slices.Values(o.EfSearch)))
	return o, nil
}

// present returns the efSearch of the present setting: the only one that was asked for, or that with which the library searches.
func (o Options) present() int {
	if len(o.EfSearch) == 1 {
		return o.EfSearch[0]
	}
	return o.Index.DefaultEfSearch()
}
