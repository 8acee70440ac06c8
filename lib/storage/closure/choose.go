package closure

import (
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

	candidates, chosen []int32   // centroids
	near               []float32 // squared distances of the vector from the first candidates
	ofChosen           []float32 // squared distances of the vector from the chosen centroids
	between            []float32 // squared distances of a candidate from the chosen centroids
}

func newChooser(o Options, centroids ann.Vectors) *chooser {
	return &chooser{
		Options: o, centroids: centroids,
		tolerance: float64(centroids.D+8) / (1 << 24), // each of at most D + 2 operations on a term rounds by at most 2⁻²⁴
		between:   make([]float32, o.Replicas),
	}
}

// choose returns the clusters of a vector from the list of its nearest centroids.
func (c *chooser) choose(vector []float32, id int32, nearest ann.Neighbors) []placed {
	c.candidates, c.chosen, c.near, c.ofChosen = c.candidates[:0], c.chosen[:0], c.near[:0], c.ofChosen[:0]
	for _, n := range nearest {
		c.candidates = append(c.candidates, n.ID)
	}
	for i := range c.candidates {
		if i == len(c.near) { // a group at a time, because most vectors have few candidates within Epsilon
			group := c.candidates[i:min(i+rows.Group, len(c.candidates))]
			c.near = slices.Grow(c.near, len(group))[:i+len(group)]
			rows.SquaredL2(vector, c.centroids.Data, group, c.near[i:])
		}
		if len(c.chosen) == c.Replicas || len(c.chosen) > 0 && c.beyond(vector, i) {
			break
		}
		if !c.skipped(vector, i) {
			c.chosen, c.ofChosen = append(c.chosen, c.candidates[i]), append(c.ofChosen, c.near[i])
		}
	}
	all := make([]placed, len(c.chosen))
	for i, cluster := range c.chosen {
		all[i] = placed{id, cluster, float64(c.ofChosen[i])}
		if c.PostingLimit > 0 {
			all[i].squared = squaredL2(vector, c.centroids.Row(int(cluster)))
		}
	}
	return all
}

// beyond reports whether candidate i is farther than Epsilon allows.
func (c *chooser) beyond(vector []float32, i int) bool {
	if math.IsInf(c.Epsilon, 1) {
		return false
	}
	if less, known := c.compare((1+c.Epsilon)*(1+c.Epsilon), c.ofChosen[0], c.near[i]); known {
		return less
	}
	first, at := squaredL2(vector, c.centroids.Row(int(c.chosen[0]))), squaredL2(vector, c.centroids.Row(int(c.candidates[i])))
	return math.Sqrt(at) > (1+c.Epsilon)*math.Sqrt(first)
}

// skipped reports whether the rule of the relative neighbourhood graph skips candidate i.
func (c *chooser) skipped(vector []float32, i int) bool {
	between, exact := c.between[:len(c.chosen)], math.NaN()
	row := c.centroids.Row(int(c.candidates[i]))
	rows.SquaredL2(row, c.centroids.Data, c.chosen, between)
	for j, b := range between {
		less, known := c.compare(c.RNGFactor, b, c.near[i])
		if !known {
			if math.IsNaN(exact) {
				exact = squaredL2(vector, row)
			}
			less = c.RNGFactor*squaredL2(c.centroids.Row(int(c.chosen[j])), row) < exact
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
	known = math.Abs(x-y) > 2*c.tolerance*(x+y)+(1+factor)*tiny // not for +Inf
	return x < y, known
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
