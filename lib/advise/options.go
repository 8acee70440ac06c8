// Package advise answers one question about anybody's embeddings: which efSearch does an HNSW index need for a wanted
// recall at k?
//
// Run works in three phases: exact neighbours of the queries; for every (M, efConstruction) several graphs, as FAISS and hnswlib
// build them, and walks that give the efforts of each query's neighbours (the smallest efSearch that finds 1, 2, … k of them);
// from these, as order statistics, the efSearch that each graph needs. The largest is the advice; what it costs, and what engines
// return that are asked for more than efSearch, is measured on the graph that needs it.
//
// Recall is by distance: an answer counts that is no farther than the k-th exact neighbour. Where no two points are equally far
// from a query this is the share of the k exact neighbours.
package advise

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"anncapacity/lib/ann"
)

// Options are a question. Base, K and Recall must be set.
type Options struct {
	Name   string      // of the embeddings, for the report
	Base   ann.Vectors // the indexed points; the queries are drawn from them
	K      int         // neighbours, the query itself left out. Range 1 … n−1
	Recall float64     // wanted share of the k exact neighbours. Range above 0 … 1

	M              []int // each with each EfConstruction; none means 32
	EfConstruction []int // none means 200
	EfSearch       []int // where the policies are compared, as far as below k + 1; none means 16, 40, 50

	Builds   int       // graphs measured for each M and efConstruction: see builds.go. Zero lets the program choose. Range 1–64
	Queries  int       // zero means all points when their matrix of distances fits into Memory, otherwise 1,000
	Memory   int64     // bytes for everything; zero means 3 GiB
	Seed     uint64    // draws the queries, and each index's levels and order of insertion
	Progress io.Writer // nil means silence
}

const (
	defaultM, defaultEfConstruction = 32, 200
	defaultMemory                   = 3 << 30
	sampledQueries                  = 1000
)

// defaultEfSearch is the efSearch that FAISS, pgvector and this study's condition 2 have unless they are told.
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
	return o, errors.Join(o.checkNumbers(), o.checkBase())
}

func (o Options) checkNumbers() error {
	switch {
	case !(o.Recall > 0 && o.Recall <= 1):
		return fmt.Errorf("recall = %v: must be above 0 and at most 1", o.Recall)
	case o.Queries < 0 || o.Queries > o.Base.N:
		return fmt.Errorf("queries = %d: must be 1 to %d, the number of points (0 lets the program choose)", o.Queries, o.Base.N)
	case o.Builds < 0 || o.Builds > maxBuilds:
		return fmt.Errorf("builds = %d: must be 1 to %d (0 lets the program choose)", o.Builds, maxBuilds)
	case o.Memory < 0:
		return fmt.Errorf("memory = %d bytes: must be positive", o.Memory)
	case slices.Min(o.EfSearch) < 1:
		return fmt.Errorf("efSearch = %d: must be at least 1", slices.Min(o.EfSearch))
	case slices.Min(o.M) < 2 || slices.Max(o.M) > 256:
		return fmt.Errorf("links: M = %v: each must be 2 to 256", o.M)
	case slices.Min(o.EfConstruction) < 1 || slices.Max(o.EfConstruction) > math.MaxUint16:
		return fmt.Errorf("efConstruction = %v: each must be 1 to %d", o.EfConstruction, math.MaxUint16)
	}
	return nil
}

func (o Options) checkBase() error {
	if _, err := ann.NewVectors(o.Base.N, o.Base.D, o.Base.Data); err != nil {
		return err
	}
	if o.Base.N < 2 {
		return errors.New("there is one vector only: it has no neighbours")
	}
	if err := ann.CheckK(o.K, o.Base.N-1); err != nil {
		return err
	}
	return ann.CheckRange(o.Base, ann.Euclidean)
}
