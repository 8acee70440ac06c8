package filters

import (
	"fmt"
	"math/rand/v2"

	"anncapacity/lib/ann"
)

// Shares are the shares of the labels that Split draws.
var Shares = []float64{.5, .3, .1, .05, .03, .015, .005}

// mostDimensions is the number of dimensions that Split keeps. An index of pgvector can hold 2,000.
const mostDimensions = 512

// Split sets Base and Queries to rows of v, drawn with seed, and Labels to labels that are independent of the vectors: label i for about
// Shares[i] of the rows. Of vectors with more than 512 dimensions it keeps the first 512.
func (o *Options) Split(v ann.Vectors, queries int, seed uint64) error {
	if queries < 1 || queries >= v.N {
		return fmt.Errorf("filters: %d queries of %d vectors", queries, v.N)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	order := make([]int32, v.N)
	for i, row := range rng.Perm(v.N) {
		order[i] = int32(row)
	}
	o.Queries, o.Base = rows(v, order[:queries]), rows(v, order[queries:])
	o.Labels = make([]int64, o.Base.N)
	for i := range o.Labels {
		draw := rng.Float64()
		for label, share := range Shares {
			if draw -= share; draw < 0 {
				o.Labels[i] = int64(label)
				break
			}
		}
	}
	return nil
}

// rows returns some rows of v with their first dimensions.
func rows(v ann.Vectors, ids []int32) ann.Vectors {
	kept := ann.Vectors{N: len(ids), D: min(v.D, mostDimensions)}
	for _, id := range ids {
		kept.Data = append(kept.Data, v.Row(int(id))[:kept.D]...)
	}
	return kept
}
