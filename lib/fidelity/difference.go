package fidelity

import (
	"math"

	"github.com/viterin/vek/vek32"

	"anncapacity/lib/ann"
)

// difference holds the difference of two sums of vectors, D = Σ x(A_k) − Σ x(E_k), for increasing k. Only members that enter
// or leave one of the lists require a vector addition; members that enter both lists cancel before the addition.
type difference struct {
	base    ann.Vectors
	sum     []float32 // D
	exact   []float32 // Σ x(E_k), from the first short answer on
	delta   []int8    // by ID: multiple of the vector that is still to be added to D
	touched []int32   // IDs for which delta may be nonzero
	before  []Member  // A_k of the previous step
	from    int       // k of the previous step
	short   bool      // whether exact is valid
}

func newDifference(base ann.Vectors) *difference {
	return &difference{base: base, sum: make([]float32, base.D), exact: make([]float32, base.D), delta: make([]int8, base.N)}
}

func (d *difference) reset() {
	clear(d.sum)
	d.before, d.from, d.short = d.before[:0], 0, false
}

// step updates the sums for the first k of the exact list and the answer to k.
func (d *difference) step(exact, answer []Member) {
	for _, m := range exact[d.from:] {
		d.add(m.ID, -1)
	}
	i := 0 // number of common members at the front
	for i < len(d.before) && i < len(answer) && d.before[i].ID == answer[i].ID {
		i++
	}
	for _, m := range d.before[i:] {
		d.add(m.ID, -1)
	}
	for _, m := range answer[i:] {
		d.add(m.ID, 1)
	}
	d.apply()
	d.before = append(d.before[:i], answer[i:]...)
	d.sumExact(exact, len(answer) < len(exact))
	d.from = len(exact)
}

func (d *difference) add(id int32, times int8) {
	if d.delta[id] == 0 {
		d.touched = append(d.touched, id)
	}
	d.delta[id] += times
}

func (d *difference) apply() {
	for _, id := range d.touched {
		for ; d.delta[id] > 0; d.delta[id]-- {
			vek32.Add_Inplace(d.sum, d.base.Row(int(id)))
		}
		for ; d.delta[id] < 0; d.delta[id]++ {
			vek32.Sub_Inplace(d.sum, d.base.Row(int(id)))
		}
	}
	d.touched = d.touched[:0]
}

// sumExact updates Σ x(E_k), from the first short answer on.
func (d *difference) sumExact(exact []Member, short bool) {
	from := d.from
	if !d.short {
		if !short {
			return
		}
		d.short, from = true, 0
		clear(d.exact)
	}
	for _, m := range exact[from:] {
		vek32.Add_Inplace(d.exact, d.base.Row(int(m.ID)))
	}
}

// barycenters returns ‖mean x(A) − mean x(E)‖ for an answer of n members. If n < k, the difference of the means is
// Σ x(A) / n − Σ x(E) / k = D/n + (1/n − 1/k) Σ x(E).
func (d *difference) barycenters(n, k int) float64 {
	switch n {
	case 0:
		return math.NaN()
	case k:
		return math.Sqrt(dot(d.sum, d.sum)) / float64(k)
	}
	a, b := 1/float64(n), 1/float64(n)-1/float64(k)
	return math.Sqrt(max(0, float64(a*a*dot(d.sum, d.sum))+float64(2*a*b*dot(d.sum, d.exact))+float64(b*b*dot(d.exact, d.exact))))
}

// publishedBarycenters is like barycenters, but counts every empty slot as the last row of the base, as the paper's code
// reads label −1.
func (d *difference) publishedBarycenters(n, k int) float64 {
	empty := float64(k - n)
	if empty == 0 {
		return math.Sqrt(dot(d.sum, d.sum)) / float64(k)
	}
	last := d.base.Row(d.base.N - 1)
	return math.Sqrt(max(0, dot(d.sum, d.sum)+float64(2*empty*dot(d.sum, last))+float64(empty*empty*dot(last, last)))) / float64(k)
}

func dot(a, b []float32) float64 { return float64(vek32.Dot(a, b)) }
