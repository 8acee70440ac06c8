package partition

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/tile"
	"anncapacity/lib/internal/vec"
)

// NearOptions are the parameters of Near.
type NearOptions struct {
	K        int                 // number of nearest centroids
	Epsilon  float64             // centroids farther than 1 + Epsilon times the distance of the nearest are left out; at least 0, may be +Inf
	Progress func(share float64) // if not nil, called with the share of the vectors that are done, in ascending order
}

// check returns an error if the options or the vectors are invalid.
func (o NearOptions) check(base ann.Coordinates, centroids ann.Vectors) error {
	if base.D != centroids.D {
		return fmt.Errorf("partition: vectors have %d dimensions, centroids %d", base.D, centroids.D)
	}
	if o.K < 1 || o.K > centroids.N {
		return fmt.Errorf("partition: k = %d of %d centroids: must be between 1 and their number", o.K, centroids.N)
	}
	if !(o.Epsilon >= 0) {
		return fmt.Errorf("partition: Epsilon %v: must be at least 0", o.Epsilon)
	}
	return errors.Join(checkVectors("vectors", base), checkVectors("centroids", centroids.Coordinates()))
}

// Near calls a function for every vector of the base with the centroids that may be among its K nearest and within Epsilon: all that
// are, and those for which rounding in float32 could decide, in ascending order of ID. Each goroutine calls prepare for a function of
// its own, which may use vector and near only during the call. The vectors are in no order.
//
// It is an error if the dimensions differ, if a coordinate is not finite, if squared distances exceed the range of float32, or if K
// is not between 1 and the number of centroids.
func Near(
	ctx context.Context, base ann.Coordinates, centroids ann.Vectors, o NearOptions, prepare func() (use func(i int, vector []float32, near []int32)),
) error {
	if err := o.check(base, centroids); err != nil {
		return err
	}
	a, err := newAssigner(base, centroids.N)
	if err != nil {
		return err
	}
	defer a.release()
	return a.newSearch(base, centroids, o).run(ctx, prepare)
}

// use is a function that Near calls.
type use = func(i int, vector []float32, near []int32)

// search finds the near centroids of vectors.
type search struct {
	*assigner
	NearOptions
	vectors   ann.Coordinates
	centroids ann.Vectors
	longest   float64 // length of the longest centroid, moved by the mean
	guess     []int32 // by vector a centroid, whose distance is the first limit; nil means none

	mutex sync.Mutex
	done  int // number of vectors
}

func (a *assigner) newSearch(v ann.Coordinates, centroids ann.Vectors, o NearOptions) *search {
	longest := 0.
	for c := range centroids.N {
		longest = max(longest, vec.SquaredL2(centroids.Row(c), a.mean))
	}
	return &search{assigner: a, NearOptions: o, vectors: v, centroids: centroids, longest: math.Sqrt(longest)}
}

// run calls a function that prepare returns with the near centroids of every vector, as Near does.
func (s *search) run(ctx context.Context, prepare func() use) error {
	if s.kernel == nil {
		return s.byXLA(ctx, prepare)
	}
	return s.byKernel(ctx, prepare)
}

// finished reports that n more vectors are done.
func (s *search) finished(n int) {
	if s.Progress == nil {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.done += n
	s.Progress(float64(s.done) / float64(s.vectors.N))
}

// tiny is added to the margin for squares that lose digits because float32 underflows.
const tiny = 1. / (1 << 50) / (1 << 50)

// margin returns the greatest difference by which rounding can exchange the order of two values of a vector of the given length.
// The sum of d + 1 products, and the rounding of their factors, change a value by at most (d + 16)·2⁻²⁴·(‖x‖ + ‖c‖)²; words
// change it more, and vectors without any by up to 2·tile.Shortest·(‖x‖ + ‖c‖).
func (s *search) margin(length float64) float64 {
	reach, share := length+s.longest, float64(s.vectors.D+16)/(1<<24)
	if s.kernel != nil && s.kernel.Words {
		return 2*(share+tile.WordError(s.vectors.D))*reach*reach + 4*tile.Shortest*reach + tiny
	}
	return 2*share*reach*reach + tiny
}

// begin prepares a selection for vector i, whose squared length is given.
func (s *search) begin(into *selection, i int, vector []float32, length float64) {
	into.begin(s.NearOptions, length, s.margin(math.Sqrt(length)))
	if s.guess != nil {
		into.atMost(vec.SquaredL2(vector, s.centroids.Row(int(s.guess[i]))) - length)
	}
}
