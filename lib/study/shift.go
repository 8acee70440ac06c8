package study

import (
	"math"

	"github.com/viterin/vek/vek32"

	"anncapacity/lib/ann"
)

// shift follows the difference of the two sums of vectors, D = Σ x(A_k) − Σ x(E_k), while k grows. Only members that
// enter or leave one side alone cost a vector addition; what both sides gain cancels before it is added.
type shift struct {
	base    ann.Vectors
	d       []float32 // D
	exact   []float32 // Σ x(E_k), kept only once an answer is short
	delta   []int8    // by ID: what is still to be added to D, in multiples of its vector
	touched []int32
	before  []near // A_k of the step before
	from    int    // k of the step before
	short   bool   // whether exact is kept
}

func newShift(base ann.Vectors) *shift {
	return &shift{base: base, d: make([]float32, base.D), exact: make([]float32, base.D), delta: make([]int8, base.N)}
}

func (s *shift) reset() {
	clear(s.d)
	s.before, s.from, s.short = s.before[:0], 0, false
}

// step moves on to the exact list's first k and the answer to k.
func (s *shift) step(exact, answer []near) {
	for _, m := range exact[s.from:] {
		s.add(m.id, -1)
	}
	i := 0 // members in common at the front stay
	for i < len(s.before) && i < len(answer) && s.before[i].id == answer[i].id {
		i++
	}
	for _, m := range s.before[i:] {
		s.add(m.id, -1)
	}
	for _, m := range answer[i:] {
		s.add(m.id, 1)
	}
	s.apply()
	s.before = append(s.before[:i], answer[i:]...)
	s.sumExact(exact, len(answer) < len(exact))
	s.from = len(exact)
}

func (s *shift) add(id int32, times int8) {
	if s.delta[id] == 0 {
		s.touched = append(s.touched, id)
	}
	s.delta[id] += times
}

func (s *shift) apply() {
	for _, id := range s.touched {
		for ; s.delta[id] > 0; s.delta[id]-- {
			vek32.Add_Inplace(s.d, s.base.Row(int(id)))
		}
		for ; s.delta[id] < 0; s.delta[id]++ {
			vek32.Sub_Inplace(s.d, s.base.Row(int(id)))
		}
	}
	s.touched = s.touched[:0]
}

// sumExact keeps Σ x(E_k) from the first short answer on.
func (s *shift) sumExact(exact []near, short bool) {
	from := s.from
	if !s.short {
		if !short {
			return
		}
		s.short, from = true, 0
		clear(s.exact)
	}
	for _, m := range exact[from:] {
		vek32.Add_Inplace(s.exact, s.base.Row(int(m.id)))
	}
}

// barycenter is ‖mean x(A) − mean x(E)‖ for n found of k. With A short, Σ x(A) / n − Σ x(E) / k is
// D/n + (1/n − 1/k) Σ x(E).
func (s *shift) barycenter(n, k int) float64 {
	switch n {
	case 0:
		return math.NaN()
	case k:
		return math.Sqrt(dot(s.d, s.d)) / float64(k)
	}
	a, b := 1/float64(n), 1/float64(n)-1/float64(k)
	return math.Sqrt(max(0, a*a*dot(s.d, s.d)+2*a*b*dot(s.d, s.exact)+b*b*dot(s.exact, s.exact)))
}

// published is the same with every empty slot read as the last row of the base, as the paper's code read label −1.
func (s *shift) published(n, k int) float64 {
	empty := float64(k - n)
	if empty == 0 {
		return math.Sqrt(dot(s.d, s.d)) / float64(k)
	}
	last := s.base.Row(s.base.N - 1)
	return math.Sqrt(max(0, dot(s.d, s.d)+2*empty*dot(s.d, last)+empty*empty*dot(last, last))) / float64(k)
}

func dot(a, b []float32) float64 { return float64(vek32.Dot(a, b)) }
