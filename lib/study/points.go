package study

import "math"

// A point is what one query measured at one (value, k). Package fidelity has the definitions, one function each; here
// they come from running sums, so that one pass over a list serves every k. What is undefined (an empty list, points
// all at one distance) is NaN, and means leave it out.
type point struct {
	shared, found, capacity         float32
	distance, distanceRatio, radius float32
	shift                           float32
	lid, lid20, lid100, moments     float32
	pubDistance, pubShift, pubLID   float32
}

// exactPoint is the same of the exact list.
type exactPoint struct {
	distance, rms               float32
	lid, lid20, lid100, moments float32
	pubDistance, pubLID         float32
}

// smallK0 and largeK0 are the neighbourhood sizes k₀ at which LID is estimated whatever k is.
const smallK0, largeK0 = 20, 100

var undefined = float32(math.NaN())

// publishedEpsilon is what the paper's code adds to squared distances before it takes logarithms, and emptySlot the
// squared distance that FAISS gives to an empty slot.
const (
	publishedEpsilon = 1e-12
	emptySlot        = math.MaxFloat32
)

// sums run over a list: entry n is over its first n members. Logarithms leave exact duplicates of the query out, and
// count the others.
type sums struct {
	r, squared, ln, lnPublished []float64
	positive                    []int
	list                        []near
}

func newSums(most int) *sums {
	return &sums{
		r: make([]float64, most+1), squared: make([]float64, most+1),
		ln: make([]float64, most+1), lnPublished: make([]float64, most+1), positive: make([]int, most+1),
	}
}

// of sums over a list whose first so many members are those of the call before.
func (s *sums) of(list []near, same int) {
	same = min(same, len(s.list))
	s.list = list
	for i := same; i < len(list); i++ {
		m := &list[i]
		if m.r < 0 {
			m.take()
		}
		s.r[i+1] = s.r[i] + m.r
		s.squared[i+1] = s.squared[i] + float64(m.squared)
		s.ln[i+1], s.positive[i+1] = s.ln[i], s.positive[i]
		published := math.Log(publishedEpsilon)
		if m.r > 0 {
			s.ln[i+1] += m.ln
			s.positive[i+1]++
			if published = 2 * m.ln; m.squared < 1 { // beyond that ε changes no digit of a float64's logarithm that counts
				published = math.Log(float64(m.squared) + publishedEpsilon)
			}
		}
		s.lnPublished[i+1] = s.lnPublished[i] + published
	}
}

func (s *sums) mean(n int) float32 {
	if n == 0 {
		return undefined
	}
	return float32(s.r[n] / float64(n))
}

// lid is the maximum-likelihood estimate from the first n.
func (s *sums) lid(n int) float32 {
	if n < 2 || s.positive[n-1] == 0 {
		return undefined
	}
	mean := s.ln[n-1]/float64(s.positive[n-1]) - s.list[n-1].ln
	if !(mean < 0) {
		return undefined
	}
	return float32(-1 / mean)
}

// lidAt is lid from k₀ members, for lists that hold so many at this k.
func (s *sums) lidAt(k0, n int) float32 {
	if n < k0 {
		return undefined
	}
	return s.lid(k0)
}

// moments is the method-of-moments estimate from the first n.
func (s *sums) moments(n int) float32 {
	if n < 2 {
		return undefined
	}
	mean := s.r[n] / float64(n)
	if gap := s.list[n-1].r - mean; gap > 0 {
		return float32(mean / gap)
	}
	return undefined
}

// publishedDistance is the mean of k slots of squared distances in float32: one empty slot makes it huge, two make it
// overflow, and the query is dropped.
func (s *sums) publishedDistance(n, k int) float32 {
	switch k - n {
	case 0:
		return float32(s.squared[n] / float64(k))
	case 1:
		return float32((s.squared[n] + emptySlot) / float64(k))
	}
	return undefined
}

// publishedLID is the paper's estimate, on squared distances, over all k slots.
func (s *sums) publishedLID(n, k int) float32 {
	total, last := s.lnPublished[n], 0.0
	switch {
	case n == k:
		last = s.lnPublished[n] - s.lnPublished[n-1]
	default:
		if n > 0 && (s.list[0].squared+publishedEpsilon)/emptySlot == 0 {
			return 0 // the paper's float32 quotient vanishes, and its logarithm is −∞
		}
		last = math.Log(emptySlot)
		total += float64(k-n) * last
	}
	return float32(-1 / (total/float64(k) - last))
}

func (s *sums) exactPoint(k int) exactPoint {
	return exactPoint{
		distance: s.mean(k), rms: float32(math.Sqrt(s.squared[k] / float64(k))),
		lid: s.lid(k), lid20: s.lidAt(smallK0, k), lid100: s.lidAt(largeK0, k), moments: s.moments(k),
		pubDistance: s.publishedDistance(k, k), pubLID: s.publishedLID(k, k),
	}
}

// point measures the first n members, the answer to k, beside the exact list. The shifts are the caller's.
func (s *sums) point(n, k int, exact *sums) point {
	p := point{
		found: float32(n), distance: s.mean(n), distanceRatio: undefined, radius: undefined,
		lid: s.lid(n), lid20: s.lidAt(smallK0, n), lid100: s.lidAt(largeK0, n), moments: s.moments(n),
		pubDistance: s.publishedDistance(n, k), pubLID: s.publishedLID(n, k),
	}
	if n > 0 && exact.r[n] > 0 {
		p.distanceRatio = float32(s.r[n] / exact.r[n])
	}
	if n > 0 && exact.list[n-1].r > 0 {
		p.radius = float32(s.list[n-1].r / exact.list[n-1].r)
	}
	return p
}

// exactList is the true neighbourhood of a query.
func exactList(ids []int32, row []float32, dst []near) []near {
	for _, id := range ids {
		dst = append(dst, newNear(id, row[id]))
	}
	return dst
}
