// Package filters compares what a search with a filter returns, for filters of different selectivity: by the walks of one graph,
// as post-filtering among the visited nodes, and by FAISS, hnswlib and pgvector.
package filters

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
)

// File is the name of the table of rows in a folder of results.
const File = "filters.csv"

// Options are the vectors and the searches.
type Options struct {
	Base, Queries ann.Vectors // compared by Euclidean distance; no query is a row of the base
	Labels        []int64     // of each row of Base; a filter leaves the rows of one label
	K             int         // number of neighbours that a query asks for
	EfSearch      []int
	M             int // of the graphs
	Construction  int // efConstruction
	Dir           string
	Progress      io.Writer // nil means that no progress is shown
}

// Row states what the queries get, as a mean, if only the vectors of one label may be answers.
type Row struct {
	Way         string  `csv:"way"` // a Way.Key
	Label       int64   `csv:"label"`
	Matching    int     `csv:"matching"`    // number of rows with the label
	Selectivity float64 `csv:"selectivity"` // Matching / n
	K           int     `csv:"k"`
	EfSearch    int     `csv:"ef_search"`
	Queries     int     `csv:"queries"`
	Visited     float64 `csv:"visited"` // mean number of nodes that a walk visits with efSearch; it does not depend on the filter
	Recall      float64 `csv:"recall"`  // share of the exact neighbours with the label
	Fill        float64 `csv:"fill"`    // number of answers / min(k, Matching)
}

// A Way is a way to search with a filter.
type Way struct{ Key, Name string }

// Ways lists the ways in the order in which figures show them.
var Ways = []Way{
	{"walk", "walk, visited nodes filtered"},
	{"faiss", "FAISS, IDSelector"},
	{"hnswlib", "hnswlib, filter function"},
	{"pgvector off", "pgvector"},
	{"pgvector strict_order", "pgvector, strict_order"},
	{"pgvector relaxed_order", "pgvector, relaxed_order"},
}

// Compare returns the rows of all ways. missing says which ways are not in the rows, because their programs are not installed.
// The walks are those on the graph that FAISS built, so that they are missing with FAISS.
func Compare(ctx context.Context, o Options) (rows []Row, missing []string, err error) {
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	t, err := newTruth(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	libraries, err := t.libraries(ctx)
	switch {
	case errors.Is(err, errMissing):
		missing = append(missing, err.Error())
	case err != nil:
		return nil, nil, err
	}
	tables, err := t.postgres(ctx)
	switch {
	case errors.Is(err, errMissing):
		missing = append(missing, err.Error())
	case err != nil:
		return nil, nil, err
	}
	return append(libraries, tables...), missing, nil
}

// errMissing is wrapped by the error of a way whose program is not installed.
var errMissing = errors.New("not compared")

func (o Options) check() error {
	switch {
	case len(o.Labels) != o.Base.N:
		return fmt.Errorf("filters: %d labels for %d vectors", len(o.Labels), o.Base.N)
	case o.Queries.N < 2 || o.Queries.D != o.Base.D:
		return fmt.Errorf("filters: %d × %d queries for vectors of %d dimensions; at least 2 are needed", o.Queries.N, o.Queries.D, o.Base.D)
	case o.K < 1 || len(o.EfSearch) == 0 || slices.Min(o.EfSearch) < 1 || o.M < 2 || o.Construction < 1:
		return errors.New("filters: k, efSearch, M and efConstruction must be positive")
	}
	return nil
}

// truth holds the exact neighbours of the queries among the rows of each label.
type truth struct {
	Options
	members    map[int64][]int32
	neighbours map[int64][]map[int32]bool // by label and query
	visited    map[int]float64            // by efSearch; empty without walks
}

func newTruth(ctx context.Context, o Options) (*truth, error) {
	t := &truth{Options: o, members: map[int64][]int32{}, neighbours: map[int64][]map[int32]bool{}, visited: map[int]float64{}}
	for i, label := range o.Labels {
		t.members[label] = append(t.members[label], int32(i))
	}
	for label, members := range t.members {
		base, err := o.Base.Subset(members)
		if err != nil {
			return nil, err
		}
		lists, err := exact.New(base).SearchBatch(ctx, o.Queries, min(o.K, len(members)))
		if err != nil {
			return nil, err
		}
		for _, list := range lists {
			in := map[int32]bool{}
			for _, n := range list {
				in[members[n.ID]] = true
			}
			t.neighbours[label] = append(t.neighbours[label], in)
		}
	}
	return t, nil
}

// labels returns the labels, ascending.
func (t *truth) labels() []int64 { return slices.Sorted(maps.Keys(t.members)) }

// possible returns the number of answers that an exact search gives.
func (t *truth) possible(label int64) int { return min(t.K, len(t.members[label])) }

// row returns the row of a way for the answers to all queries.
func (t *truth) row(way string, label int64, efSearch int, answers [][]int32) Row {
	r := t.empty(way, label, efSearch)
	for q, answer := range answers {
		found := 0
		for _, id := range answer {
			if t.neighbours[label][q][id] {
				found++
			}
		}
		possible := float64(t.possible(label) * len(answers))
		r.Recall += float64(found) / possible
		r.Fill += float64(len(answer)) / possible
	}
	return r
}

// empty returns a row without recall and fill.
func (t *truth) empty(way string, label int64, efSearch int) Row {
	n := len(t.members[label])
	return Row{
		Way: way, Label: label, Matching: n, Selectivity: float64(n) / float64(t.Base.N), K: t.K, EfSearch: efSearch, Queries: t.Queries.N,
		Visited: t.visited[efSearch],
	}
}
