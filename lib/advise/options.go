// Package advise determines the efSearch that an HNSW index on given embeddings needs for a wanted recall at k.
//
// Run has three phases. First, it computes the exact neighbours of the queries. Second, for every (M, efConstruction), it
// builds several graphs as FAISS and hnswlib build them, and performs walks that give the efforts of each query's neighbours:
// the smallest efSearch that finds 1, 2, … k of them. Third, it computes the efSearch that each graph needs, an order
// statistic of the efforts. The advice is the largest of them. Its cost, and the answers of engines to requests for more than
// efSearch neighbours, are computed on the graph that needs it.
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
)

// Options are the parameters of Run. Base, K and Recall must be set.
type Options struct {
	Name   string      // name of the embeddings in the report
	Base   ann.Vectors // the indexed points; the queries are drawn from them
	K      int         // number of neighbours, without the query itself. Range 1 to n−1
	Recall float64     // wanted recall: greater than 0, at most 1

	M              []int // combined with each EfConstruction; empty means 32
	EfConstruction []int // empty means 200
	EfSearch       []int // values at which the policies are compared; those above k are ignored; empty means 16, 40, 50

	Builds   int       // graphs for each M and efConstruction. Zero selects a default for the number of points (builds.go). Range 1–64
	Queries  int       // zero means all points if their matrix of distances fits into Memory, otherwise 1,000
	Memory   int64     // maximum memory of the process in bytes; zero means 3 GiB
	Seed     uint64    // seed for the queries, and for the levels and orders of insertion of the graphs
	Progress io.Writer // nil means no progress output
}

const (
	defaultM, defaultEfConstruction = 32, 200
	defaultMemory                   = 3 << 30
	sampledQueries                  = 1000
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
		return errors.New("there is only one vector: at least two are needed")
	}
	if err := ann.CheckK(o.K, o.Base.N-1); err != nil {
		return err
	}
	return ann.CheckRange(o.Base, ann.Euclidean)
}
