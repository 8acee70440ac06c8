package fidelity

import "math"

// Member is one member of a neighbourhood. Its root and logarithm are taken when a k first needs them.
type Member struct {
	ID      int32
	Squared float32 // squared L2 distance to the query
	r       float64 // its root; negative until it is taken
	ln      float64 // ln r; −Inf for an exact duplicate of the query
}

// NewMember returns the member at a squared distance.
func NewMember(id int32, squared float32) Member { return Member{ID: id, Squared: squared, r: -1} }

func (m *Member) take() {
	m.r = math.Sqrt(float64(m.Squared))
	m.ln = math.Log(m.r)
}

// Prefix is the first N members of a list that is the answer to K, with the sums over them.
type Prefix struct {
	*sums
	N, K int
}

// last is the farthest member.
func (p Prefix) last() Member { return p.list[p.N-1] }

// sums run over a list: entry n is over its first n members. Logarithms leave exact duplicates of the query out, and
// count the others.
type sums struct {
	r, squared, ln, lnPublished []float64
	positive                    []int
	list                        []Member
}

func newSums(most int) *sums {
	return &sums{
		r: make([]float64, most+1), squared: make([]float64, most+1),
		ln: make([]float64, most+1), lnPublished: make([]float64, most+1), positive: make([]int, most+1),
	}
}

// of sums over a list whose first so many members are those of the call before.
func (s *sums) of(list []Member, same int) {
	same = min(same, len(s.list))
	s.list = list
	for i := same; i < len(list); i++ {
		m := &list[i]
		if m.r < 0 {
			m.take()
		}
		s.r[i+1] = s.r[i] + m.r
		s.squared[i+1] = s.squared[i] + float64(m.Squared)
		s.ln[i+1], s.positive[i+1] = s.ln[i], s.positive[i]
		if m.r > 0 {
			s.ln[i+1] += m.ln
			s.positive[i+1]++
		}
		s.lnPublished[i+1] = s.lnPublished[i] + publishedLog(m)
	}
}
