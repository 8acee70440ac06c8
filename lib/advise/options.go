// Package advise determines the efSearch that an HNSW index on given embeddings needs for a wanted recall at k, on queries not
// yet seen.
//
// Run has four phases. First, it computes the exact neighbours of the queries. Second, for every (M, efConstruction), it
// builds several graphs as FAISS and hnswlib build them, and performs walks that give the efforts of each query's neighbours:
// the smallest efSearch that finds 1, 2, … k of them. Third, three of four queries determine the efSearch that each graph
// needs: the smallest whose lower 95 % confidence bound of the mean recall (package confidence) reaches the wanted recall. The
// advice is the largest of the graphs. Its cost, and the answers of engines to requests for more than efSearch neighbours, are
// computed on the graph that needs it. Fourth, the remaining queries verify the advice.
//
// The bound holds for a graph and independent queries of the same distribution. It needs no correction for the choice among
// all efSearch: the recall of a query does not decrease with efSearch, and the bound does not decrease with the recall of any
// query, so that a graph's efSearch is too small only if the bound is wrong at the largest efSearch that is too small. For
// another graph the advice is no theorem: it covers as many graphs as were built, and lists what each needs.
//
// Recall is counted by distance: answers not farther than the k-th exact neighbour count as correct. If no two points are
// equally distant from a query, this is the share of the k exact neighbours.
package advise

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Options are the parameters of Run. Base, K and Recall must be set.
type Options struct {
	Name   string      // name of the embeddings in the report
	Base   ann.Vectors // the indexed points
	Metric ann.Metric
	K      []int   // numbers of neighbours, without the query itself if it is an indexed point
	Recall float64 // wanted recall: greater than 0, at most 1
	Share  float64 // share of the queries that are to reach Recall each: greater than 0, at most 1. Zero means 0.99

	Queries ann.Vectors // the queries, which are no indexed points; N = 0 means that points of Base are the queries
	Truth   [][]int32   // at least max(K) exact neighbours of every row of Queries, or of Base; nil means that they are computed
	Sample  int         // number of queries, drawn at random; zero means a default (sampleSize)

	M              []int // combined with each EfConstruction; empty means 32
	EfConstruction []int // empty means 200
	EfSearch       []int // values of the report's settings, at which the policies are compared; empty means 16, 40, 50

	Engine   string    // engine.Words.Key of the engine that the advice is for; "" means none
	Builds   int       // graphs for each M and efConstruction. Zero selects a default for the number of points (builds.go). Range 1–64
	Memory   int64     // maximum memory of the process in bytes; zero means 3 GiB
	Seed     uint64    // seed for the queries, and for the levels and orders of insertion of the graphs
	Progress io.Writer // nil means no progress output

	words engine.Words // of Engine; its Policy is Pads if there is none
}

const (
	defaultM, defaultEfConstruction = 32, 200
	defaultShare                    = .99
	defaultMemory                   = 3 << 30
	sampledPoints                   = 4000
	sampledQueries                  = 10000
)

// defaultEfSearch holds the default efSearch of FAISS and pgvector, and that of condition 2 of the study.
var defaultEfSearch = []int{16, 40, 50}

func (o Options) withDefaults() (Options, error) {
	if len(o.M) == 0 {
		o.M = []int{defaultM}
	}
	if len(o.EfConstruction) == 0 {
		o.EfConstruction = []int{defaultEfConstruction}
	}
	if len(o.EfSearch) == 0 {
		o.EfSearch = defaultEfSearch
	}
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	if o.Share == 0 {
		o.Share = defaultShare
	}
	o.K = sorted(o.K)
	o.EfSearch = sorted(o.EfSearch)
	o.words = engine.Words{Policy: engine.Pads, Effort: "efSearch"}
	var err error
	if o.Engine != "" {
		o.words, err = engine.WordsFor(o.Engine)
	}
	return o, errors.Join(err, o.checkNumbers(), o.checkVectors())
}

// sorted returns the distinct values in ascending order.
func sorted(values []int) []int {
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}

func (o Options) checkNumbers() error {
	switch {
	case !(o.Recall > 0 && o.Recall <= 1):
		return fmt.Errorf("recall = %v: must be above 0 and at most 1", o.Recall)
	case !(o.Share > 0 && o.Share <= 1):
		return fmt.Errorf("share = %v: must be above 0 and at most 1", o.Share)
	case o.Sample < 0 || o.Sample > o.candidates():
		return fmt.Errorf("sample = %d: must be 1 to %d, the number of queries (0 lets the program choose)", o.Sample, o.candidates())
	case o.Builds < 0 || o.Builds > maxBuilds:
		return fmt.Errorf("builds = %d: must be 1 to %d (0 lets the program choose)", o.Builds, maxBuilds)
	case o.Memory < 0:
		return fmt.Errorf("memory = %d bytes: must be positive", o.Memory)
	case o.EfSearch[0] < 1:
		return fmt.Errorf("efSearch = %d: must be at least 1", o.EfSearch[0])
	case slices.Min(o.M) < 2 || slices.Max(o.M) > 256:
		return fmt.Errorf("links: M = %v: each must be 2 to 256", o.M)
	case slices.Min(o.EfConstruction) < 1 || slices.Max(o.EfConstruction) > math.MaxUint16:
		return fmt.Errorf("efConstruction = %v: each must be 1 to %d", o.EfConstruction, math.MaxUint16)
	}
	return nil
}

// own reports whether the queries are no indexed points.
func (o Options) own() bool { return o.Queries.N > 0 }

// candidates returns the number of vectors that queries are drawn from.
func (o Options) candidates() int {
	if o.own() {
		return o.Queries.N
	}
	return o.Base.N
}

// self returns the number of answers that the query itself takes: 1 if it is an indexed point.
func (o Options) self() int {
	if o.own() {
		return 0
	}
	return 1
}

// asked returns the number of answers that an engine is asked for, so that k of them are not the query.
func (o Options) asked(k int) int { return k + o.self() }

func (o Options) checkVectors() error {
	if _, err := ann.NewVectors(o.Base.N, o.Base.D, o.Base.Data); err != nil {
		return err
	}
	if err := errors.Join(o.checkK(), o.Metric.Check(o.Base)); err != nil {
		return err
	}
	if err := ann.CheckRange(o.Base, o.Metric); err != nil || !o.own() {
		return errors.Join(err, o.checkTruth())
	}
	if o.Queries.D != o.Base.D {
		return fmt.Errorf("the queries have %d dimensions, the indexed vectors %d", o.Queries.D, o.Base.D)
	}
	if _, err := ann.NewVectors(o.Queries.N, o.Queries.D, o.Queries.Data); err != nil {
		return fmt.Errorf("queries: %w", err)
	}
	if err := errors.Join(o.Metric.Check(o.Queries), ann.CheckRange(o.Queries, o.Metric)); err != nil {
		return fmt.Errorf("queries: %w", err)
	}
	return o.checkTruth()
}

func (o Options) checkK() error {
	switch {
	case len(o.K) == 0:
		return errors.New("no k is given")
	case o.own() && (o.K[0] < 1 || o.K[len(o.K)-1] > o.Base.N):
		return fmt.Errorf("k = %v: each must be 1 to %d, the number of points", o.K, o.Base.N)
	case o.own():
		return nil
	case o.Base.N < 2:
		return errors.New("there is only one vector: at least two are needed")
	}
	for _, k := range o.K {
		if err := ann.CheckK(k, o.Base.N-1); err != nil {
			return err
		}
	}
	return nil
}

// checkTruth checks the shape and the IDs of the truth, not the distances.
func (o Options) checkTruth() error {
	if o.Truth == nil {
		return nil
	}
	if len(o.Truth) != o.candidates() {
		return fmt.Errorf("truth: the neighbours of %d queries, but there are %d queries", len(o.Truth), o.candidates())
	}
	most := o.K[len(o.K)-1]
	for i, ids := range o.Truth {
		if len(ids) < most {
			return fmt.Errorf("truth: query %d has %d neighbours, fewer than k = %d", i, len(ids), most)
		}
		for _, id := range ids[:most] {
			if id < 0 || int(id) >= o.Base.N || !o.own() && int(id) == i {
				return fmt.Errorf("truth: query %d has the neighbour %d: must be one of %d points, and not the query", i, id, o.Base.N)
			}
		}
	}
	return nil
}
