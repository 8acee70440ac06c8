package exact

import (
	"math"
	"slices"

	"anncapacity/lib/internal/rank"
)

// nearest keeps the candidates with the k smallest values offered so far, ties by ID, and those within a margin above
// the k-th value. A candidate is a key that packs its value and its ID.
type nearest struct {
	k           int
	limit       float32  // candidates above it are rejected; it may be too low if it was estimated from a sample
	keys        []uint64 // always fewer than its capacity
	seen        int      // number of values considered by offerPairs and run.offer
	share, more float64  // the margin beyond a value v is share·v + more
	full        bool     // too many candidates were within the margin, and none is kept
	list        []ranked // buffer of finder.ranked
}

func newNearest(k int) *nearest {
	return &nearest{k: k, limit: float32(math.Inf(1)), keys: make([]uint64, 0, roomFor(k))}
}

// roomFor returns the number of candidates that are kept before all but k are dropped.
func roomFor(k int) int { return max(2*k, k+64) }

func (s *nearest) reset() {
	s.keys, s.limit, s.seen, s.full = s.keys[:0], float32(math.Inf(1)), 0, false
}

// setMargin sets the margin of an empty list: candidates with a value up to share·v + more above the k-th value v are
// kept.
func (s *nearest) setMargin(share, more float64) {
	s.share, s.more = share, more
	if share > 8*mostInexact {
		s.discard()
	}
}

// discard drops all candidates and rejects all further ones.
func (s *nearest) discard() { s.keys, s.limit, s.full = s.keys[:0], float32(math.Inf(-1)), true }

func (s *nearest) hasMargin() bool { return s.share > 0 || s.more > 0 }

// sampled is the number of distances of a row from which the distance of its k-th nearest is estimated.
const sampled = 512

// offerAll considers all distances of a row except row[skip]. It estimates a limit from a sample, with a tolerance, so
// that most distances are rejected by one comparison. If fewer than k distances are below the limit, it reads the row
// again without one.
func (s *nearest) offerAll(row []float32, skip int) {
	if step := len(row) / sampled; step > 1 && !s.hasMargin() {
		s.limit = s.sampleLimit(row, step)
		s.offer(row, skip)
		if len(s.keys) >= s.k {
			return
		}
		s.reset()
	}
	s.offer(row, skip)
}

// sampleLimit returns a limit, computed from every step-th distance of row, below which about 1.2 k + 40 of its
// distances are expected.
func (s *nearest) sampleLimit(row []float32, step int) float32 {
	for j := 0; j < len(row); j += step {
		s.keys = append(s.keys, rank.Key(row[j], int32(j)))
		if len(s.keys) == cap(s.keys) {
			break
		}
	}
	place := min(len(s.keys), (s.k+s.k/5+40)*len(s.keys)/len(row)+4)
	rank.Smallest(s.keys, place)
	limit := rank.Value(slices.Max(s.keys[:place]))
	s.keys = s.keys[:0]
	return limit
}

// offer considers row[j], the value of base vector j, for every j except skip. A skip outside the row excludes none.
func (s *nearest) offer(row []float32, skip int) {
	if skip >= 0 && skip < len(row) {
		s.offerRun(row[:skip], 0)
		s.offerRun(row[skip+1:], skip+1)
		return
	}
	s.offerRun(row, 0)
}

func (s *nearest) offerRun(row []float32, first int) {
	for j, value := range row {
		if value <= s.limit {
			s.take(value, int32(first+j))
		}
	}
}

// offerPairs considers values[j], the unrefined value between row i of p and its column j, for every j except the one
// whose vector is skip.
func (s *nearest) offerPairs(p *pairs, i int, values []float32, skip int32) {
	threshold := refineLimit(p.rowBlock.norm[i], p.colBlock.largest)
	bound := max(s.limit, threshold)
	for j, value := range values {
		if value <= bound && p.colBlock.ids[j] != skip {
			if value < threshold {
				value = p.exact(i, j, value)
			}
			if value > s.limit {
				continue
			}
			s.take(value, p.colBlock.ids[j])
			bound = max(s.limit, threshold)
		}
	}
	s.seen += len(values)
}

// limitFromSample lowers the limit of an empty list by a sample of the first count of n values, which lie stride apart.
// It prevents the list from taking most of the first block.
func (s *nearest) limitFromSample(values []float32, stride, count, n int) {
	const step = 8
	if s.seen > 0 || count < 64*step || s.hasMargin() {
		return
	}
	for i := 0; i < count && len(s.keys) < cap(s.keys)-1; i += step {
		s.take(values[i*stride], int32(i))
	}
	s.seen = len(s.keys)
	s.lowerLimit(n)
	s.keys, s.seen = s.keys[:0], 0
}

// lowerLimit lowers the limit to an estimate of the k-th smallest of n values in random order, from the values seen so
// far, plus five standard deviations. If the estimate is too low, fewer than k candidates remain in the end and
// finder.ranked scans all points.
func (s *nearest) lowerLimit(n int) {
	if s.hasMargin() {
		return
	}
	expected := float64(s.k) * float64(s.seen) / float64(n)
	place := int(expected+5*math.Sqrt(expected)) + 8
	if 4*place > 3*min(len(s.keys), s.k) { // the limit would hardly change
		return
	}
	rank.Smallest(s.keys, place)
	s.keys = s.keys[:place]
	s.limit = rank.Value(slices.Max(s.keys))
}

// take adds a candidate.
func (s *nearest) take(value float32, id int32) {
	n := len(s.keys)
	s.keys = s.keys[:n+1]
	s.keys[n] = rank.Key(value, id)
	if n+1 == cap(s.keys) {
		s.cut()
	}
}

// cut drops all candidates except the k smallest and those within the margin, and lowers the limit.
func (s *nearest) cut() {
	if len(s.keys) <= s.k {
		return
	}
	rank.Smallest(s.keys, s.k)
	kth := rank.Value(slices.Max(s.keys[:s.k]))
	if !s.hasMargin() {
		s.keys, s.limit = s.keys[:s.k], kth
		return
	}
	s.limit = math.Nextafter32(float32(float64(kth)+s.share*float64(kth)+s.more), float32(math.Inf(1)))
	kept := s.keys[:s.k]
	for _, key := range s.keys[s.k:] {
		if rank.Value(key) <= s.limit {
			kept = append(kept, key)
		}
	}
	if s.keys = kept; 4*len(kept) > 3*cap(kept) {
		s.discard()
	}
}
