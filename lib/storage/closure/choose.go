package closure

import (
	"cmp"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rows"
)

// placed is a copy of a vector in a cluster.
type placed struct {
	id, cluster int32
	squared     float64 // L2 distance of the vector from the centroid, squared; in double precision if there is a PostingLimit
}

// chooser chooses the clusters of one vector at a time. It compares distances in float32, and again in double precision where
// rounding could decide, so that every decision is that of double precision.
type chooser struct {
	Options
	centroids ann.Vectors
	tolerance float64 // relative error of a squared distance in float32

	squared    []float32 // distances of the vector from the near centroids
	candidates []candidate
	chosen     []candidate
	ids        []int32   // of chosen
	between    []float32 // squared distances of a candidate from the chosen centroids
}

// candidate is a centroid near the vector.
type candidate struct {
	squared float32
	id      int32
	exact   float64 // squared in double precision, if it was needed; else 0
}

func newChooser(o Options, centroids ann.Vectors) *chooser {
	return &chooser{
		Options: o, centroids: centroids,
		tolerance: float64(centroids.D/8+8) / (1 << 24), // package rows adds to 8 sums: at most D/8 + 8 operations on a term round by 2⁻²⁴
		between:   make([]float32, o.Replicas),
	}
}

// choose returns the clusters of a vector, given the centroids that may be candidates.
func (c *chooser) choose(vector []float32, id int32, near []int32) []placed {
	c.order(vector, near)
	c.chosen, c.ids = c.chosen[:0], c.ids[:0]
	for i := range c.candidates {
		x := &c.candidates[i]
		if len(c.chosen) == c.Replicas || len(c.chosen) > 0 && c.beyond(vector, x) {
			break
		}
		if !c.skipped(vector, x) {
			c.chosen, c.ids = append(c.chosen, *x), append(c.ids, x.id)
		}
	}
	all := make([]placed, len(c.chosen))
	for i := range c.chosen {
		all[i] = placed{id, c.chosen[i].id, float64(c.chosen[i].squared)}
		if c.PostingLimit > 0 {
			all[i].squared = c.exactly(vector, &c.chosen[i])
		}
	}
	return all
}

// order sets the candidates: the nearest, in ascending order of distance, ties by ID.
func (c *chooser) order(vector []float32, near []int32) {
	c.squared = slices.Grow(c.squared[:0], len(near))[:len(near)]
	rows.SquaredL2(vector, c.centroids.Data, near, c.squared)
	c.candidates = c.candidates[:0]
	for i, id := range near {
		c.candidates = append(c.candidates, candidate{squared: c.squared[i], id: id})
	}
	slices.SortFunc(c.candidates, func(a, b candidate) int { return cmp.Compare(a.squared, b.squared) })
	for from := 0; from < len(c.candidates); {
		to := from + 1 // of candidates whose order is unknown
		for ; to < len(c.candidates); to++ {
			if _, known := c.compare(1, c.candidates[to-1].squared, c.candidates[to].squared); known {
				break
			}
		}
		if equal := c.candidates[from:to]; len(equal) > 1 {
			for i := range equal {
				c.exactly(vector, &equal[i])
			}
			slices.SortFunc(equal, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.exact, b.exact), cmp.Compare(a.id, b.id)) })
		}
		from = to
	}
	c.candidates = c.candidates[:min(len(c.candidates), c.Candidates)]
}

// exactly returns the squared distance of a candidate in double precision.
func (c *chooser) exactly(vector []float32, x *candidate) float64 {
	if x.exact == 0 {
		x.exact = squaredL2(vector, c.centroids.Row(int(x.id)))
	}
	return x.exact
}

// beyond reports whether a candidate is farther than Epsilon allows.
func (c *chooser) beyond(vector []float32, x *candidate) bool {
	if math.IsInf(c.Epsilon, 1) {
		return false
	}
	if less, known := c.compare((1+c.Epsilon)*(1+c.Epsilon), c.chosen[0].squared, x.squared); known {
		return less
	}
	return math.Sqrt(c.exactly(vector, x)) > (1+c.Epsilon)*math.Sqrt(c.exactly(vector, &c.chosen[0]))
}

// skipped reports whether the rule of the relative neighbourhood graph skips a candidate.
func (c *chooser) skipped(vector []float32, x *candidate) bool {
	row, between := c.centroids.Row(int(x.id)), c.between[:len(c.ids)]
	rows.SquaredL2(row, c.centroids.Data, c.ids, between)
	for i, squared := range between {
		less, known := c.compare(c.RNGFactor, squared, x.squared)
		if !known {
			less = c.RNGFactor*squaredL2(c.centroids.Row(int(c.ids[i])), row) < c.exactly(vector, x)
		}
		if less {
			return true
		}
	}
	return false
}

// tiny is more than the errors of squared distances that underflow in float32.
const tiny = 1e-30

// compare reports whether factor · a < b. It is known unless rounding could decide.
func (c *chooser) compare(factor float64, a, b float32) (less, known bool) {
	x, y := factor*float64(a), float64(b)
	return x < y, math.Abs(x-y) > 2*c.tolerance*(x+y)+(1+factor)*tiny
}

// squaredL2 returns the squared L2 distance in double precision.
func squaredL2(a, b []float32) (sum float64) {
	b = b[:len(a)]
	for i, x := range a {
		d := float64(x) - float64(b[i])
		sum += float64(d * d)
	}
	return sum
}
