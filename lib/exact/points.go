package exact

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/vec"
)

// points are vectors prepared for a metric, in double precision.
type points struct {
	ann.Vectors
	metric  ann.Metric
	norms   []float64 // ‖x‖² of each row for the cosine, otherwise nil
	inverse []float64 // 1/‖x‖ of each row for the cosine, otherwise nil
	whole   []bool    // for the cosine: whether a row consists of integers, with ‖x‖² ≤ 2²⁶; otherwise nil
}

// newPoints prepares vectors for the metric. For the cosine each row is divided by an odd number: the greatest such that
// all coordinates are whole multiples of it times a common power of two. Rows of exactly the same direction become
// equal. If a row becomes integers with ‖x‖² ≤ 2²⁶, its power of two is divided out too. The rows are copied if any changes. What
// becomes of a row does not depend on the others. A zero vector is an error.
func newPoints(v ann.Vectors, metric ann.Metric) (points, error) {
	p := points{Vectors: v, metric: metric}
	if err := metric.Check(v); err != nil {
		return p, fmt.Errorf("exact: %w", err)
	}
	if metric != ann.Cosine {
		return p, nil
	}
	divisors := make([]divisor, v.N)
	parallel.For(v.N, func(i int) { divisors[i] = divisorOf(v.Row(i)) })
	p.whole = make([]bool, v.N)
	for i, d := range divisors {
		p.whole[i] = d.whole
	}
	if slices.ContainsFunc(divisors, func(d divisor) bool { return d.odd > 1 || d.whole && d.exponent != 0 }) {
		p.divide(divisors)
	}
	p.norms, p.inverse = make([]float64, v.N), make([]float64, v.N)
	parallel.For(v.N, func(i int) {
		p.norms[i] = vec.Dot(p.Row(i), p.Row(i))
		p.inverse[i] = 1 / math.Sqrt(p.norms[i])
	})
	return p, nil
}

// allWhole reports whether every row consists of integers, with ‖x‖² ≤ 2²⁶, under the cosine.
func (p *points) allWhole() bool { return !slices.Contains(p.whole, false) }

// slice returns rows from … to−1.
func (p *points) slice(from, to int) points {
	s := points{Vectors: ann.Vectors{N: to - from, D: p.D, Data: p.Data[from*p.D : to*p.D]}, metric: p.metric}
	if p.norms != nil {
		s.norms, s.inverse, s.whole = p.norms[from:to], p.inverse[from:to], p.whole[from:to]
	}
	return s
}

// divide replaces the vectors by a copy in which each row is divided by its divisor. The power of two is divided out
// only of a row that becomes integers.
func (p *points) divide(divisors []divisor) {
	given := p.Vectors
	p.Data = make([]float32, len(given.Data))
	parallel.For(p.N, func(i int) {
		by := float64(divisors[i].odd)
		if p.whole[i] {
			by = math.Ldexp(by, divisors[i].exponent)
		}
		for j, x := range given.Row(i) {
			p.Data[i*p.D+j] = float32(float64(x) / by) // exact: the quotient has fewer digits
		}
	})
}

// factor returns the factor by which row i is multiplied under the metric: 1/‖x‖ for the cosine, otherwise 1.
func (p *points) factor(i int) float64 {
	if p.inverse == nil {
		return 1
	}
	return p.inverse[i]
}

// value returns the value that orders row j of p for the query i: the squared L2 distance, for the cosine of the unit
// vectors, or the negated inner product. It is exact if all its sums are whole multiples of one number, up to 2⁵³ times
// that number. Otherwise it has a relative error of about d·2⁻⁵³.
func (p *points) value(queries *points, i, j int) float64 {
	a, b := queries.Row(i), p.Row(j)
	switch {
	case p.metric == ann.Euclidean:
		return vec.SquaredL2(a, b)
	case p.metric == ann.InnerProduct:
		return -vec.Dot(a, b)
	case p.whole[j] && queries.whole[i]:
		return wholeCosine(vec.Dot(a, b), queries.norms[i]*p.norms[j])
	}
	return squaredL2Scaled(a, b, queries.inverse[i], p.inverse[j])
}

func squaredL2Scaled(a, b []float32, scaleA, scaleB float64) float64 {
	b = b[:len(a)]
	var s0, s1 float64
	i := 0
	for ; i+2 <= len(a); i += 2 {
		d0, d1 := float64(float64(a[i])*scaleA)-float64(float64(b[i])*scaleB), float64(float64(a[i+1])*scaleA)-float64(float64(b[i+1])*scaleB)
		s0 += d0 * d0
		s1 += d1 * d1
	}
	for ; i < len(a); i++ {
		d := float64(float64(a[i])*scaleA) - float64(float64(b[i])*scaleB)
		s0 += d * d
	}
	return s0 + s1
}

// wholeCosine returns 2 − 2cos of two vectors of integers from ab = ⟨a, b⟩ and norms = ‖a‖²·‖b‖², both exact. It depends
// only on the fraction ab²/norms, which is rounded once, so that equal cosines give equal values.
func wholeCosine(ab, norms float64) float64 {
	if ab < 0 {
		return 2 + 2*math.Sqrt(ab*ab/norms)
	}
	sin2 := (norms - ab*ab) / norms
	return 2 * sin2 / (1 + math.Sqrt(1-sin2))
}

// groups partitions the rows into groups of equal rows.
type groups struct {
	first []int32 // first row of each group, ascending
	next  []int32 // after each row the next equal row, or −1; nil if no two rows are equal
}

func (p *points) groups() groups {
	ids := inOrder(p.N)
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Or(p.compare(int(a), int(b)), cmp.Compare(a, b)) })
	g := groups{first: make([]int32, 0, p.N)}
	next := make([]int32, p.N)
	for i, id := range ids {
		next[id] = -1
		if i > 0 && p.compare(int(ids[i-1]), int(id)) == 0 {
			next[ids[i-1]] = id
		} else {
			g.first = append(g.first, id)
		}
	}
	if len(g.first) < p.N {
		g.next = next
	}
	slices.Sort(g.first)
	return g
}

// compare orders rows lexicographically by their coordinates under the metric.
func (p *points) compare(i, j int) int {
	a, b := p.Row(i), p.Row(j)
	scaleA, scaleB := p.factor(i), p.factor(j)
	for c := range a {
		if x, y := float64(a[c])*scaleA, float64(b[c])*scaleB; x != y {
			return cmp.Compare(x, y)
		}
	}
	return 0
}

// equal reports whether row j of p and the query i are equal under the metric.
func (p *points) equal(queries *points, i, j int) bool {
	a, b := queries.Row(i), p.Row(j)
	scaleA, scaleB := queries.factor(i), p.factor(j)
	for c := range a {
		if float64(a[c])*scaleA != float64(b[c])*scaleB {
			return false
		}
	}
	return true
}

// longest returns the length of the longest vector before normalization. It is an error if a coordinate is not finite.
func (p *points) longest() (float64, error) {
	squares := make([]float64, p.N) // no float32 makes them overflow or underflow
	parallel.For(p.N, func(i int) { squares[i] = vec.Dot(p.Row(i), p.Row(i)) })
	longest := math.Sqrt(slices.Max(squares))
	if !(longest <= math.MaxFloat64) {
		_, err := ann.NewVectors(p.N, p.D, p.Data)
		return 0, fmt.Errorf("exact: %w", err)
	}
	return longest, nil
}

// smallest returns the smallest absolute value of a coordinate other than 0.
func (p *points) smallest() float64 {
	least := math.MaxFloat64
	for _, x := range p.Data {
		if x != 0 {
			least = min(least, math.Abs(float64(x)))
		}
	}
	return least
}

// mean returns the mean vector under the metric. Every column is summed in the order of the rows, so that the result
// does not depend on GOMAXPROCS.
func (p *points) mean() []float64 {
	mean := make([]float64, p.D)
	workers := parallel.Limit(p.D)
	parallel.For(workers, func(w int) {
		from, to := w*p.D/workers, (w+1)*p.D/workers
		sum := mean[from:to]
		for i := range p.N {
			vec.AddScaled(sum, p.Row(i)[from:to], p.factor(i))
		}
		for j := range sum {
			sum[j] /= float64(p.N)
		}
	})
	return mean
}
