package fidelity

import "math"

// Member is a member of a neighbourhood. Its distance and the logarithm are computed when they are first needed.
type Member struct {
	ID      int32
	Squared float32 // squared L2 distance to the query
	r       float64 // root of Squared; negative until it is computed
	ln      float64 // ln r; −Inf for an exact duplicate of the query
}

// NewMember returns the member at a squared distance.
func NewMember(id int32, squared float32) Member { return Member{ID: id, Squared: squared, r: -1} }

// computeRoot sets r and ln.
func (m *Member) computeRoot() {
	m.r = math.Sqrt(float64(m.Squared))
	m.ln = math.Log(m.r)
}

// Prefix is the first N members of a list, the answer to K, with sums over them.
type Prefix struct {
	*sums
	N, K int
}

// last returns the farthest member.
func (p Prefix) last() Member { return p.list[p.N-1] }

// sums holds cumulative sums over a list: entry n is the sum over its first n members.
type sums struct {
	r, squared, lnPublished []float64
	ln                      []float64 // excludes exact duplicates of the query
	positive                []int     // number of members that ln includes
	list                    []Member
}

func newSums(most int) *sums {
	return &sums{
		r: make([]float64, most+1), squared: make([]float64, most+1),
		ln: make([]float64, most+1), lnPublished: make([]float64, most+1), positive: make([]int, most+1),
	}
}

// update computes the sums over a list whose first same members equal those of the previous call.
func (s *sums) update(list []Member, same int) {
	same = min(same, len(s.list))
	s.list = list
	for i := same; i < len(list); i++ {
		m := &list[i]
		if m.r < 0 {
			m.computeRoot()
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
