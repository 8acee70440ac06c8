package layout

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// PagesOptions are the parameters of Pages.
type PagesOptions struct {
	// PerPage is the number of vectors of a full page, at least 1.
	PerPage int
	// Seed determines the vectors that are sampled.
	Seed uint64
	// Rounds is the number of rounds that move vectors between near pages. Zero means 6, a negative number none.
	Rounds int
	// Progress, if not nil, is called with the share of the work that is done, in ascending order.
	Progress func(share float64)
}

const (
	defaultRounds = 6
	maxVectors    = math.MaxInt32 - 1
)

// Pages divides the base into ⌈N / PerPage⌉ units of at most PerPage near vectors, so that almost every unit is full. Units whose
// numbers are near hold near vectors. The IDs of a unit ascend.
//
// The base is first bisected, again and again, across the line between the means of the two halves. Then, in every round, each
// vector proposes itself to the near pages, the nearest first. A page that gets more vectors than it can hold rejects those which
// lose least by it (deferred acceptance, Gale and Shapley 1962). Vectors that are left over are placed by chains of exchanges.
//
// The result depends on the base and the options, and not on GOMAXPROCS. It is an error if a coordinate is NaN or infinite.
func Pages(ctx context.Context, base ann.Coordinates, o PagesOptions) (Layout, error) {
	if base.N < 1 || base.D < 1 || base.N > maxVectors {
		return Layout{}, fmt.Errorf("layout: pages of %d vectors of %d numbers", base.N, base.D)
	}
	if o.PerPage < 1 {
		return Layout{}, fmt.Errorf("layout: %d vectors in a page: must be at least 1", o.PerPage)
	}
	if o.Rounds == 0 {
		o.Rounds = defaultRounds
	}
	rounds := max(0, o.Rounds)
	report := func(done int) {
		if o.Progress != nil {
			o.Progress(float64(done) / float64(bisectionShare+rounds))
		}
	}
	if err := checkFinite(base); err != nil {
		return Layout{}, err
	}
	b := bisection{base: base, perPage: o.PerPage, seed: o.Seed}
	pages, err := b.run(ctx, func(share float64) { report(int(share * bisectionShare)) })
	if err != nil {
		return Layout{}, err
	}
	if o.PerPage > 1 && len(pages) > 1 {
		moves := func(round int) { report(bisectionShare + round + 1) }
		if pages, err = improve(ctx, base, pages, o.PerPage, rounds, moves); err != nil {
			return Layout{}, err
		}
	}
	for _, ids := range pages {
		slices.Sort(ids)
	}
	report(bisectionShare + rounds)
	return New(pages), nil
}

// improve reassigns the vectors in at most the given number of rounds, as long as the squared distances to the means become less.
func improve(
	ctx context.Context, base ann.Coordinates, pages [][]int32, perPage, rounds int, done func(round int),
) ([][]int32, error) {
	means, err := meansOf(ctx, base, pages)
	if err != nil {
		return nil, err
	}
	least, err := spread(ctx, base, pages, means)
	for round := 0; round < rounds && err == nil; round++ {
		var moved [][]int32
		if moved, err = reassign(ctx, base, pages, means, perPage); err != nil {
			break
		}
		if means, err = meansOf(ctx, base, moved); err != nil {
			break
		}
		var now float64
		if now, err = spread(ctx, base, moved, means); err != nil || now >= least {
			break
		}
		pages, least = moved, now
		done(round)
	}
	return pages, err
}

// spread returns the sum of the squared distances between the vectors and the means of their pages.
func spread(ctx context.Context, base ann.Coordinates, pages [][]int32, means ann.Vectors) (float64, error) {
	sums := make([]float64, len(pages))
	err := eachChunk(ctx, len(pages), 0, func(from, to int, _ []float32) {
		for p := from; p < to; p++ {
			for _, id := range pages[p] {
				sums[p] += float64(base.SquaredL2(means.Row(p), int(id)))
			}
		}
	})
	total := 0.
	for _, sum := range sums {
		total += sum
	}
	return total, err
}

// bisectionShare is the time of the bisection in rounds.
const bisectionShare = 2

// checkFinite returns an error if a coordinate is NaN or infinite.
func checkFinite(base ann.Coordinates) error {
	for i, x := range base.Floats {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("layout: vector %d has the coordinate %v", i/base.D, x)
		}
	}
	return nil
}

// eachChunk calls do for every chunk of 0 … n−1, each on one core, with scratch memory of d numbers.
func eachChunk(ctx context.Context, n, d int, do func(from, to int, scratch []float32)) error {
	const chunk = 1024
	return parallel.EachOn(ctx, (n+chunk-1)/chunk, runtime.GOMAXPROCS(0), func() (func(int) error, error) {
		scratch := make([]float32, d)
		return func(c int) error {
			do(c*chunk, min((c+1)*chunk, n), scratch)
			return nil
		}, nil
	})
}

// meansOf returns the mean of every page.
func meansOf(ctx context.Context, base ann.Coordinates, pages [][]int32) (ann.Vectors, error) {
	means := ann.Vectors{N: len(pages), D: base.D, Data: make([]float32, len(pages)*base.D)}
	err := eachChunk(ctx, len(pages), base.D, func(from, to int, scratch []float32) {
		sum := make([]float64, base.D)
		for p := from; p < to; p++ {
			meanInto(means.Row(p), base, pages[p], sum, scratch)
		}
	})
	return means, err
}

// meanInto sets mean to that of the vectors with the IDs. sum and scratch hold D numbers.
func meanInto(mean []float32, base ann.Coordinates, ids []int32, sum []float64, scratch []float32) {
	clear(sum)
	for _, id := range ids {
		for j, x := range base.Row(int(id), scratch) {
			sum[j] += float64(x)
		}
	}
	for j, s := range sum {
		mean[j] = float32(s / float64(len(ids)))
	}
}
