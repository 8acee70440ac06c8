// Package closure stores boundary vectors in several clusters, as SPANN does (Chen et al. 2021, "SPANN: Highly-efficient
// Billion-scale Approximate Nearest Neighbor Search", arXiv 2111.08566). SPANN's rule to stop a query is stop.Ratio.
package closure

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/partition"
)

// Options are the parameters of Assign. The zero value has the defaults.
type Options struct {
	// Epsilon is ε₁ of the paper: a vector x may be stored in the cluster of centroid c if ‖x − c‖ ≤ (1 + Epsilon)·‖x − c₁‖, where
	// c₁ is its nearest centroid. Zero means 0.1. For no copies set Replicas to 1. With +Inf the distance does not matter, as in
	// SPTAG, whose builder has no such bound.
	Epsilon float64
	// Replicas is the maximum number of clusters that hold a vector. Zero means 8, as in SPTAG (ReplicaCount).
	Replicas int
	// RNGFactor weakens the rule of the relative neighbourhood graph if it is above 1: centroid c is skipped if, for a centroid b
	// that is already chosen for the vector, RNGFactor·‖b − c‖² < ‖x − c‖². Zero means 1, as in SPTAG.
	RNGFactor float64
	// Candidates is the number of nearest centroids of a vector that are considered. Zero means 64, as in SPTAG
	// (InternalResultNum). There are never more than there are centroids.
	Candidates int
	// PostingLimit is the maximum number of vectors in a cluster. Zero means no limit. See Assign for its exception.
	PostingLimit int
	// Progress, if not nil, is called with the share of the work that is done, in ascending order.
	Progress func(share float64)
}

const (
	defaultEpsilon    = .1
	defaultReplicas   = 8
	defaultRNGFactor  = 1
	defaultCandidates = 64
)

// withDefaults returns the options for the given number of centroids, or an error.
func (o Options) withDefaults(centroids int) (Options, error) {
	if o.Epsilon == 0 {
		o.Epsilon = defaultEpsilon
	}
	if o.RNGFactor == 0 {
		o.RNGFactor = defaultRNGFactor
	}
	o.Replicas = cmp.Or(o.Replicas, defaultReplicas)
	o.Candidates = min(cmp.Or(o.Candidates, defaultCandidates), centroids)
	switch {
	case !(o.Epsilon > 0) || !(o.RNGFactor > 0):
		return o, fmt.Errorf("closure: Epsilon %v, RNGFactor %v: neither may be negative or NaN", o.Epsilon, o.RNGFactor)
	case o.Replicas < 0 || o.Candidates < 0 || o.PostingLimit < 0:
		return o, fmt.Errorf("closure: Replicas %d, Candidates %d, PostingLimit %d: none may be negative",
			o.Replicas, o.Candidates, o.PostingLimit)
	}
	return o, nil
}

// Assign returns a layout with the cluster of every centroid as a unit, each with its vectors in ascending order of ID. A vector
// is in the cluster of its nearest centroid and in those of others within Epsilon, the nearest first, ties by the lower ID, that
// the rule of the relative neighbourhood graph admits. The rule compares a centroid with all centroids that are already chosen, as
// SPTAG does; the paper's text names only the previous one. Distances are compared in double precision.
//
// A cluster with more vectors than PostingLimit loses the farthest ones, ties by the higher ID, over all clusters in the order of
// the distance. The last copy of a vector is never dropped, in contrast to SPTAG, so a cluster of vectors that have no other copy
// may exceed the limit.
func Assign(ctx context.Context, base ann.Coordinates, centroids ann.Vectors, o Options) (layout.Layout, error) {
	o, err := o.withDefaults(centroids.N)
	if err != nil {
		return layout.Layout{}, err
	}
	chosen := make([][]placed, base.N)
	near := partition.NearOptions{K: o.Candidates, Epsilon: o.Epsilon, Progress: o.Progress}
	err = partition.Near(ctx, base, centroids, near, func() func(i int, vector []float32, near []int32) {
		c := newChooser(o, centroids)
		return func(i int, vector []float32, near []int32) { chosen[i] = c.choose(vector, int32(i), near) }
	})
	if err != nil {
		return layout.Layout{}, fmt.Errorf("closure: %w", err)
	}
	all := slices.Concat(chosen...)
	if o.PostingLimit > 0 {
		all = o.cut(all, base.N, centroids.N)
	}
	units := make([][]int32, centroids.N)
	for _, p := range all {
		units[p.cluster] = append(units[p.cluster], p.id)
	}
	return layout.New(units), nil
}

// cut drops copies until no cluster exceeds PostingLimit or only last copies could be dropped.
func (o Options) cut(all []placed, vectors, clusters int) []placed {
	copies, sizes := make([]int32, vectors), make([]int, clusters)
	for _, p := range all {
		copies[p.id]++
		sizes[p.cluster]++
	}
	order := make([]int32, 0, len(all)) // of copies that may be dropped, the farthest first
	for i, p := range all {
		if copies[p.id] > 1 && sizes[p.cluster] > o.PostingLimit {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		p, q := all[a], all[b]
		return cmp.Or(cmp.Compare(q.squared, p.squared), cmp.Compare(q.id, p.id), cmp.Compare(q.cluster, p.cluster))
	})
	for _, i := range order {
		if p := &all[i]; copies[p.id] > 1 && sizes[p.cluster] > o.PostingLimit {
			copies[p.id]--
			sizes[p.cluster]--
			p.cluster = -1
		}
	}
	return slices.DeleteFunc(all, func(p placed) bool { return p.cluster < 0 })
}
