package sketch

import (
	"context"
	"math/rand/v2"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// train returns a quantizer with a total number of bits that is trained on the rows, at least one. A subspace has at most most
// bits, and at most as many codewords as there are rows. Subspaces of high variance get the bits that cannot be divided equally.
func train(ctx context.Context, rows ann.Vectors, bits, most int, seed uint64) (*Quantizer, error) {
	for 1<<most > rows.N {
		most--
	}
	n := min(rows.D, max(1, (bits+most-1)/max(1, most)))
	q := newQuantizer(rows.D, divide(bits, most, variances(rows, n)))
	centroids := make([][]float32, n)
	err := parallel.Each(ctx, n, func() (func(int) error, error) {
		return func(m int) error {
			part := column(rows, q.starts[m], q.starts[m+1])
			centroids[m] = kmeans(ctx, part, 1<<q.bits[m], rand.New(rand.NewPCG(seed, uint64(m))))
			return ctx.Err()
		}, nil
	})
	q.set(centroids)
	return q, err
}

// divide divides bits into one number for each variance, at most most. The highest variances get one more than the others.
func divide(bits, most int, variances []float64) []int {
	n := len(variances)
	each := make([]int, n)
	order := make([]int, n)
	for m := range n {
		each[m], order[m] = min(most, bits/n), m
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case variances[a] > variances[b]:
			return -1
		case variances[a] < variances[b]:
			return 1
		}
		return 0
	})
	for _, m := range order[:bits%n] {
		each[m] = min(most, bits/n+1)
	}
	return each
}

// variances returns the variance of the rows in each of n subspaces.
func variances(rows ann.Vectors, n int) []float64 {
	v, starts := make([]float64, n), divided(rows.D, n)
	for m := range n {
		for j := starts[m]; j < starts[m+1]; j++ {
			sum, squares := 0., 0.
			for i := range rows.N {
				x := float64(rows.Data[i*rows.D+j])
				sum += x
				squares += float64(x * x)
			}
			v[m] += squares - float64(sum*sum/float64(rows.N))
		}
	}
	return v
}

// column returns the numbers from … to−1 of every row.
func column(rows ann.Vectors, from, to int) ann.Vectors {
	c := ann.Vectors{N: rows.N, D: to - from, Data: make([]float32, 0, rows.N*(to-from))}
	for i := range rows.N {
		c.Data = append(c.Data, rows.Row(i)[from:to]...)
	}
	return c
}

// iterations is the number of iterations of the k-means that finds codewords.
const iterations = 12

// kmeans returns k centroids of the rows, one after another. There are at least k rows. A centroid without rows is placed near that
// with the most rows, which shares its rows with it from then on.
func kmeans(ctx context.Context, rows ann.Vectors, k int, rng *rand.Rand) []float32 {
	d := rows.D
	centroids := make([]float32, 0, k*d)
	for _, i := range rng.Perm(rows.N)[:k] {
		centroids = append(centroids, rows.Row(i)...)
	}
	var a assigner
	sums, counts := make([]float64, k*d), make([]int, k)
	for range iterations {
		if ctx.Err() != nil {
			break
		}
		a.set(centroids, d)
		clear(sums)
		clear(counts)
		for i := range rows.N {
			c, _ := a.nearest(rows.Row(i))
			counts[c]++
			for j, x := range rows.Row(i) {
				sums[c*d+j] += float64(x)
			}
		}
		move(centroids, sums, counts)
	}
	return centroids
}

// apart is the relative distance at which a centroid without rows is placed from another.
const apart = 1.0 / 1024

// move moves the centroids to the means of their rows.
func move(centroids []float32, sums []float64, counts []int) {
	d := len(centroids) / len(counts)
	for c, n := range counts {
		for j := range centroids[c*d : (c+1)*d] {
			if n > 0 {
				centroids[c*d+j] = float32(sums[c*d+j] / float64(n))
			}
		}
	}
	for c, n := range counts {
		if n > 0 {
			continue
		}
		largest := slices.Index(counts, slices.Max(counts))
		for j := range d {
			x := centroids[largest*d+j]
			sign := float32(1 - 2*(j%2))
			centroids[c*d+j], centroids[largest*d+j] = x*(1+float32(sign*apart)), x*(1-float32(sign*apart))
		}
		counts[c] = counts[largest] / 2
		counts[largest] -= counts[c]
	}
}
