package exact

import (
	"math"
	"slices"

	"anncapacity/lib/internal/rank"
)

// nearest keeps the k smallest of the values that it is offered, ties by ID, and those within a margin beyond the k-th. Value
// and ID are packed into one key.
type nearest struct {
	k           int
	limit       float32  // no candidate above it can be among the k, unless it was guessed too low
	keys        []uint64 // fewer than its capacity
	seen        int      // values considered by offerPairs and run.offer
	share, more float64  // the margin beyond a value v is share·v + more
	full        bool     // too many were within the margin: it keeps none
	list        []ranked // scratch of finder.ranked
}

func newNearest(k int) *nearest {
	return &nearest{k: k, limit: float32(math.Inf(1)), keys: make([]uint64, 0, roomFor(k))}
}

// roomFor is how many candidates are kept before all but k are dropped.
func roomFor(k int) int { return max(2*k, k+256) }

func (s *nearest) reset() {
	s.keys, s.limit, s.seen, s.full = s.keys[:0], float32(math.Inf(1)), 0, false
}

// demand makes an empty list keep what lies within a margin.
func (s *nearest) demand(share, more float64) {
	s.share, s.more = share, more
	if share > 8*mostInexact {
		s.giveUp()
	}
}

// giveUp keeps nothing any more.
func (s *nearest) giveUp() { s.keys, s.limit, s.full = s.keys[:0], float32(math.Inf(-1)), true }

func (s *nearest) hasMargin() bool { return s.share > 0 || s.more > 0 }

// sampled is how many distances of a row are looked at to guess how far its k nearest reach.
const sampled = 512

// all considers every distance of a row but the one to skip. A limit guessed from a sample, with room to spare, lets most
// of the row pass by with one comparison; where fewer than k are below it, the row is read again without one.
func (s *nearest) all(row []float32, skip int) {
	if step := len(row) / sampled; step > 1 && !s.hasMargin() {
		s.limit = s.guess(row, step)
		s.offer(row, skip)
		if len(s.keys) >= s.k {
			return
		}
		s.reset()
	}
	s.offer(row, skip)
}

// guess is the distance below which the sample lets expect 1.2 k + 40 of the row.
func (s *nearest) guess(row []float32, step int) float32 {
	for j := 0; j < len(row); j += step {
		s.keys = append(s.keys, rank.Key(row[j], int32(j)))
		if len(s.keys) == cap(s.keys) {
			break
		}
	}
	place := min(len(s.keys), (s.k+s.k/5+40)*len(s.keys)/len(row)+4)
	selectSmallest(s.keys, place)
	limit := rank.Value(slices.Max(s.keys[:place]))
	s.keys = s.keys[:0]
	return limit
}

// offer considers row[j], the value of base vector j, for every j but skip, if row has one.
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

// offerPairs considers values[j], the value between row i of p and its column j as the product gives it, for every j but the
// one that is the vector skip.
func (s *nearest) offerPairs(p *pairs, i int, values []float32, skip int32) {
	unsure := spoilt(p.rowBlock.norm[i], p.colBlock.largest)
	bound := max(s.limit, unsure)
	for j, value := range values {
		if value <= bound && p.colBlock.ids[j] != skip {
			if value < unsure {
				value = p.exact(i, j, value)
			}
			if value > s.limit {
				continue
			}
			s.take(value, p.colBlock.ids[j])
			bound = max(s.limit, unsure)
		}
	}
	s.seen += len(values)
}

// glance foresees from a sample of the first count values that a list will see, which lie stride apart, so that it does not
// take all of them.
func (s *nearest) glance(values []float32, stride, count, n int) {
	const step = 8
	if s.seen > 0 || count < 64*step || s.hasMargin() {
		return
	}
	for i := 0; i < count && len(s.keys) < cap(s.keys)-1; i += step {
		s.take(values[i*stride], int32(i))
	}
	s.seen = len(s.keys)
	s.foresee(n)
	s.keys, s.seen = s.keys[:0], 0
}

// foresee lowers the limit to where, by what was seen of n values in random order, the k nearest end, with five standard
// deviations to spare. Should that have been too low all the same, fewer than k are left at the end.
func (s *nearest) foresee(n int) {
	if s.hasMargin() {
		return
	}
	expected := float64(s.k) * float64(s.seen) / float64(n)
	place := int(expected+5*math.Sqrt(expected)) + 8
	if 4*place > 3*min(len(s.keys), s.k) { // little would be won
		return
	}
	selectSmallest(s.keys, place)
	s.keys = s.keys[:place]
	s.limit = rank.Value(slices.Max(s.keys))
}

// take keeps a candidate.
func (s *nearest) take(value float32, id int32) {
	n := len(s.keys)
	s.keys = s.keys[:n+1]
	s.keys[n] = rank.Key(value, id)
	if n+1 == cap(s.keys) {
		s.cut()
	}
}

// cut drops all but the k smallest and what lies within the margin, and lowers the limit.
func (s *nearest) cut() {
	if len(s.keys) <= s.k {
		return
	}
	selectSmallest(s.keys, s.k)
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
		s.giveUp()
	}
}

// selectSmallest moves the k smallest keys to the front, in any order: Hoare's quickselect, with the middle of
// three as the pivot. Keys are distinct, as IDs are.
func selectSmallest(keys []uint64, k int) {
	lo, hi := 0, len(keys)-1
	for lo < hi {
		p := pivot(keys[lo], keys[(lo+hi)/2], keys[hi])
		i, j := lo, hi
		for i <= j {
			for keys[i] < p {
				i++
			}
			for keys[j] > p {
				j--
			}
			if i <= j {
				keys[i], keys[j] = keys[j], keys[i]
				i++
				j--
			}
		}
		switch {
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return
		}
	}
}

func pivot(a, b, c uint64) uint64 { return max(min(a, b), min(max(a, b), c)) }
