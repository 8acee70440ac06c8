package partition

import (
	"context"
	"fmt"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
	"anncapacity/lib/internal/vec"
)

const (
	defaultRounds = 5
	defaultSlack  = 1.1
	candidates    = 32 // nearest open centroids of a vector that are considered at a time
)

// BalancedOptions are the parameters of Balanced.
type BalancedOptions struct {
	Options
	// MaxSize is the maximum number of vectors in a cluster. Zero means 1.1·N/Clusters, rounded up. It is an error if the
	// clusters then cannot hold all vectors.
	MaxSize int
	// Rounds is the number of times that the vectors are assigned with the bound and the centroids are moved. Zero means 5.
	Rounds int
}

// Balanced partitions the base into clusters of at most MaxSize vectors. It begins with the centroids of KMeans. A round assigns
// all vectors such that no cluster exceeds the bound, and moves every centroid to the mean of its vectors. In the end the
// vectors are assigned once more, to the centroids of the result.
//
// The assignment is the stable one of Gale and Shapley (1962, "College Admissions and the Stability of Marriage"): if a vector is
// not in the cluster of a nearer centroid, then that cluster is full, of vectors that are nearer to the centroid. Ties go to the
// lower ID. Only the 32 nearest centroids of a vector take part. Vectors that these reject are assigned by the same rule to the
// clusters that are not full, until none is left. Unlike that of constrained k-means (Bradley, Bennett and Demiriz 2000) the
// inertia of such an assignment is not the least possible; an assignment of least inertia is a problem of minimum-cost flow.
//
// Result.Trace is that of KMeans.
func Balanced(ctx context.Context, base ann.Coordinates, o BalancedOptions) (Result, error) {
	if err := o.check(base); err != nil {
		return Result{}, err
	}
	if o.Rounds == 0 {
		o.Rounds = defaultRounds
	}
	if o.MaxSize == 0 {
		o.MaxSize = int(math.Ceil(defaultSlack * float64(base.N) / float64(o.Clusters)))
	}
	if o.Rounds < 0 || o.MaxSize < 0 || int64(o.MaxSize)*int64(o.Clusters) < int64(base.N) {
		return Result{}, fmt.Errorf("partition: Rounds %d, MaxSize %d: neither may be negative, and %d clusters of that size must hold "+
			"%d vectors", o.Rounds, o.MaxSize, o.Clusters, base.N)
	}
	report := o.Progress
	o.Progress = func(share float64) {
		if report != nil {
			report(share / 2)
		}
	}
	r, err := KMeans(ctx, base, o.Options)
	for round := 0; round <= o.Rounds && err == nil; round++ {
		if round > 0 {
			r.Centroids = means(base, r.Layout(), r.Centroids)
		}
		if r.Assignment, err = bounded(ctx, base, r.Centroids, o.MaxSize); err == nil && report != nil {
			report(.5 + float64(round+1)/float64(2*(o.Rounds+1)))
		}
	}
	if err != nil {
		return Result{}, err
	}
	r.Inertia = inertia(base, r)
	return r, nil
}

// inertia returns the sum of the squared distances of the vectors from the centroids of their clusters.
func inertia(base ann.Coordinates, r Result) (sum float64) {
	distances := make([]float64, base.N)
	eachRow(base, func(i int, row []float32) { distances[i] = vec.SquaredL2(row, r.Centroids.Row(int(r.Assignment[i]))) })
	for _, d := range distances {
		sum += d
	}
	return sum
}

// bounded assigns every vector to a cluster of at most size vectors.
func bounded(ctx context.Context, base ann.Coordinates, centroids ann.Vectors, size int) ([]int32, error) {
	assignment := make([]int32, base.N)
	open, pending := ids(centroids.N), ids(base.N) // clusters that are not full, and vectors without a cluster
	room := make([]int, centroids.N)
	for c := range room {
		room[c] = size
	}
	for len(pending) > 0 {
		a := admission{vectors: pending, clusters: open, room: room}
		if err := a.prepare(ctx, base, centroids); err != nil {
			return nil, err
		}
		pending = a.run(assignment)
		left := open[:0]
		for i, c := range open {
			if room[c] -= len(a.admitted[i]); room[c] > 0 {
				left = append(left, c)
			}
		}
		open = left
	}
	return assignment, nil
}

func ids(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// admission assigns vectors to clusters by deferred acceptance: a vector applies to the clusters of its candidates in order, and
// a full cluster rejects the farthest of its vectors.
type admission struct {
	vectors, clusters []int32         // IDs
	room              []int           // by ID of the cluster
	lists             []ann.Neighbors // by place in vectors; IDs are places in clusters
	next              []int32         // the candidate to which the vector applies next
	admitted          []heap          // by place in clusters
}

// prepare finds the candidates of the vectors.
func (a *admission) prepare(ctx context.Context, base ann.Coordinates, centroids ann.Vectors) error {
	vectors, err := base.Subset(a.vectors)
	if err != nil {
		return err
	}
	clusters, err := centroids.Subset(a.clusters)
	if err != nil {
		return err
	}
	a.next, a.admitted = make([]int32, vectors.N), make([]heap, clusters.N)
	a.lists, err = Assign(ctx, vectors, clusters, min(candidates, clusters.N))
	return err
}

// run sets the assignment of the admitted vectors and returns the IDs of the others.
func (a *admission) run(assignment []int32) (rejected []int32) {
	for i := range a.vectors {
		for applicant := int32(i); applicant >= 0; {
			if int(a.next[applicant]) == len(a.lists[applicant]) {
				break
			}
			applicant = a.apply(applicant)
		}
	}
	for c, h := range a.admitted {
		for _, key := range h {
			assignment[a.vectors[rank.ID(key)]] = a.clusters[c]
			a.next[rank.ID(key)] = -1
		}
	}
	for i, next := range a.next {
		if next >= 0 {
			rejected = append(rejected, a.vectors[i])
		}
	}
	return rejected
}

// apply lets a vector apply to its next candidate. It returns the vector that is rejected, or −1.
func (a *admission) apply(vector int32) int32 {
	n := a.lists[vector][a.next[vector]]
	a.next[vector]++
	h := &a.admitted[n.ID]
	key := rank.Key(n.Distance, vector)
	if len(*h) < a.room[a.clusters[n.ID]] {
		h.push(key)
		return -1
	}
	return rank.ID(h.replace(key))
}

// heap holds keys of vectors, with the greatest first.
type heap []uint64

func (h *heap) push(key uint64) {
	*h = append(*h, key)
	for i := len(*h) - 1; i > 0; {
		parent := (i - 1) / 2
		if (*h)[parent] >= (*h)[i] {
			break
		}
		(*h)[parent], (*h)[i] = (*h)[i], (*h)[parent]
		i = parent
	}
}

// replace adds a key, and removes and returns the greatest.
func (h heap) replace(key uint64) uint64 {
	greatest := h[0]
	if key >= greatest {
		return key
	}
	h[0] = key
	for i := 0; ; {
		child := 2*i + 1
		if child+1 < len(h) && h[child+1] > h[child] {
			child++
		}
		if child >= len(h) || h[child] <= h[i] {
			return greatest
		}
		h[child], h[i] = h[i], h[child]
		i = child
	}
}
