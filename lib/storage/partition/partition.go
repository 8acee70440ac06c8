// Package partition divides a base into clusters by k-means: plain, or with a bound on the size of a cluster. The products of
// vectors and centroids are computed by the kernels of package tile, or by XLA through GoMLX.
//
// The result depends only on the base and the options. It does not depend on GOMAXPROCS, nor on how products are rounded: they only
// select the centroids that may be the nearest, and if there are several, their distances are computed again in double
// precision. Sums are taken in double precision, in the order of the IDs.
package partition

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/layout"
)

// defaultIterations is the number of iterations of FAISS's k-means.
const defaultIterations = 25

// Options are the parameters of KMeans.
type Options struct {
	// Clusters is the number of clusters, 1 … N.
	Clusters int
	// Seed determines the vectors that are sampled, and those that are the first centroids.
	Seed uint64
	// Iterations is the maximum number of iterations. Zero means 25. Training ends earlier if an iteration changes nothing.
	Iterations int
	// Sample is the number of vectors per cluster on which the centroids are trained. They are drawn at random. Zero means all
	// vectors of the base. FAISS samples 256.
	Sample int
	// Progress, if not nil, is called with the share of the work that is done, in ascending order.
	Progress func(share float64)
}

// Result is a partition of a base.
type Result struct {
	Centroids  ann.Vectors // Options.Clusters × D
	Assignment []int32     // the cluster of every vector of the base
	Inertia    float64     // sum over the base of the squared L2 distance between a vector and the centroid of its cluster
	// Trace is the same sum over the training vectors, at the start of every iteration. It never ascends, except by the rounding of
	// centroids to float32.
	Trace []float64
}

// Layout returns the clusters as units of a layout, each with its vectors in ascending order of ID.
func (r Result) Layout() layout.Layout { return units(r.Assignment, r.Centroids.N) }

// units returns the vectors of every cluster, in ascending order.
func units(assignment []int32, clusters int) layout.Layout {
	l := layout.Layout{Starts: make([]int32, clusters+1), IDs: make([]int32, len(assignment))}
	for _, cluster := range assignment {
		l.Starts[cluster+1]++
	}
	for c := range clusters {
		l.Starts[c+1] += l.Starts[c]
	}
	next := slices.Clone(l.Starts[:clusters])
	for id, cluster := range assignment {
		l.IDs[next[cluster]] = int32(id)
		next[cluster]++
	}
	return l
}

// KMeans partitions the base by Lloyd's algorithm (Lloyd 1982, "Least squares quantization in PCM"). The first centroids are
// different vectors, drawn at random. An iteration assigns every training vector to its nearest centroid, ties to the lower ID,
// and moves every centroid to the mean of its vectors. In the end every vector of the base is assigned to its nearest centroid.
//
// A cluster that is left without training vectors takes over the vector that is farthest from its centroid, ties by the lower
// ID; several such clusters take over different vectors. It remains empty if the training vectors have fewer different values
// than there are clusters. A cluster may also be empty because the last iteration moved its neighbours closer to its vectors.
//
// It is an error if a coordinate is not finite, if squared distances exceed the range of float32 (see ann.CheckRange), or if
// there are fewer vectors than clusters. In addition to the base, training takes memory for the sample, 8 bytes for
// each of its vectors, and Iterations + 1 copies of the centroids.
func KMeans(ctx context.Context, base ann.Coordinates, o Options) (Result, error) {
	if err := o.check(base); err != nil {
		return Result{}, err
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0))
	train, err := o.sample(rng, base)
	if err != nil {
		return Result{}, err
	}
	t := trainer{Options: o, train: train, base: base}
	if t.assigner, err = newAssigner(train, o.Clusters); err != nil {
		return Result{}, err
	}
	defer t.release()
	if err := t.iterate(ctx, seeds(rng, train, o.Clusters)); err != nil {
		return Result{}, err
	}
	r := Result{Centroids: t.centroids, Trace: t.trace, Assignment: make([]int32, base.N)}
	copy(r.Assignment, t.assignment) // guesses, which are good if there is no sample
	if r.Inertia, err = t.assign(ctx, base, r.Centroids, r.Assignment); err != nil {
		return Result{}, err
	}
	t.report(t.work())
	return r, nil
}

// check reports invalid options and a base that cannot be partitioned.
func (o *Options) check(base ann.Coordinates) error {
	switch {
	case o.Iterations < 0 || o.Sample < 0:
		return fmt.Errorf("partition: Iterations %d, Sample %d: neither may be negative", o.Iterations, o.Sample)
	case o.Clusters < 1 || o.Clusters > base.N:
		return fmt.Errorf("partition: Clusters %d: must be between 1 and %d, the number of vectors", o.Clusters, base.N)
	}
	if o.Iterations == 0 {
		o.Iterations = defaultIterations
	}
	return checkVectors("base", base)
}

// checkVectors reports vectors whose squared distances float32 cannot hold.
func checkVectors(what string, c ann.Coordinates) error {
	if c.Bytes != nil {
		_, err := ann.NewBytes(c.N, c.D, c.Bytes)
		return wrap(what, err)
	}
	v, err := ann.NewVectors(c.N, c.D, c.Floats)
	if err == nil {
		err = ann.CheckRange(v, ann.Euclidean)
	}
	return wrap(what, err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("partition: %s: %w", what, err)
}

// sample returns the training vectors: a copy of some vectors of the base in ascending order of ID, or the base itself.
func (o *Options) sample(rng *rand.Rand, base ann.Coordinates) (ann.Coordinates, error) {
	if o.Sample == 0 || o.Sample >= (base.N+o.Clusters-1)/o.Clusters {
		return base, nil
	}
	ids := make([]int32, 0, o.Sample*o.Clusters)
	for _, id := range rng.Perm(base.N)[:cap(ids)] {
		ids = append(ids, int32(id))
	}
	slices.Sort(ids)
	return base.Subset(ids)
}

// seeds returns the first centroids: different training vectors in random order. If there are too few different ones, the first
// is repeated; it then attracts no vector, because ties go to the lower ID.
func seeds(rng *rand.Rand, train ann.Coordinates, clusters int) ann.Vectors {
	v := ann.Vectors{N: clusters, D: train.D, Data: make([]float32, 0, clusters*train.D)}
	row, chosen := make([]float32, train.D), map[string]bool{}
	for _, id := range rng.Perm(train.N) {
		if len(chosen) == clusters {
			break
		}
		if key := keyOf(train.Row(id, row)); !chosen[key] {
			chosen[key] = true
			v.Data = append(v.Data, train.Row(id, row)...)
		}
	}
	for len(v.Data) < cap(v.Data) {
		v.Data = append(v.Data, v.Row(0)...)
	}
	return v
}
