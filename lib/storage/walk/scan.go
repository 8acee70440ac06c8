package walk

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rows"
	"anncapacity/lib/internal/squared"
)

// Unit is a unit that was read. A Reader may use its memory again after the unit was added to a Scan.
type Unit struct {
	Number  int32
	IDs     []int32
	Vectors ann.Coordinates // N = len(IDs)
}

// Scan finds the k nearest vectors of a query in the units that are added to it, by L2. Candidates are ordered by distance, ties
// by ID. A vector that is in several units is counted once, by its ID. The order is exact: squared distances are sums of integers
// if the query and the vectors are whole numbers 0 … 255, and are computed in double precision otherwise.
//
// A Scan is used by one goroutine at a time and for one query after another. Reset must be called before the first Add.
type Scan struct {
	d, k      int
	query     []float32
	bytes     []uint8 // the query, if all its numbers are whole and in 0 … 255
	self      int32   // ID to leave out, or −1
	row       []float32
	best      []candidate // ascending, at most k
	limit     float64     // the squared distance of the k-th, +Inf before there are k
	rejected  float32     // squared distances in float32 above it are certainly above limit
	tolerance float64     // relative error of a squared distance in float32
	places    []int32     // 0, 1, 2 …
	near      []float32   // squared distances of the vectors that are added, in float32
}

// candidate is a vector found.
type candidate struct {
	squared float64
	id      int32
}

func (a candidate) compare(b candidate) int {
	return cmp.Or(cmp.Compare(a.squared, b.squared), cmp.Compare(a.id, b.id))
}

// NewScan returns a Scan for queries of d numbers and k neighbours, both at least 1.
func NewScan(d, k int) (*Scan, error) {
	if d < 1 || k < 1 {
		return nil, fmt.Errorf("walk: scan for %d neighbours in %d dimensions: both must be at least 1", k, d)
	}
	return &Scan{
		d: d, k: k, query: make([]float32, d), bytes: make([]uint8, 0, d), row: make([]float32, d),
		best:      make([]candidate, 0, min(k, 1000)+1),
		tolerance: float64(d+8) / (1 << 24), // each of at most d+2 operations on a term rounds by at most 2⁻²⁴
	}, nil
}

// Reset begins the search for the neighbours of q, without q itself if it is an indexed point. It is an error if q does not have d
// finite numbers.
func (s *Scan) Reset(q ann.Query) error {
	if len(q.Vector) != s.d {
		return fmt.Errorf("walk: the query has %d dimensions, not %d", len(q.Vector), s.d)
	}
	s.bytes, s.best = s.bytes[:0], s.best[:0]
	for j, x := range q.Vector {
		if x-x != 0 {
			return fmt.Errorf("walk: number %d of the query is %v: it must be finite", j, x)
		}
		if x >= 0 && x <= 255 && x == float32(uint8(x)) {
			s.bytes = append(s.bytes, uint8(x))
		}
	}
	copy(s.query, q.Vector)
	s.self = -1
	if id, ok := q.Self(); ok {
		s.self = id
	}
	s.setLimit(math.Inf(1))
	return nil
}

// setLimit sets the largest squared distance of a new candidate.
func (s *Scan) setLimit(limit float64) {
	s.limit = limit
	s.rejected = float32(limit*(1+2*s.tolerance) + 1e-30) // the second term exceeds all errors of sums that underflow
}

// Add compares the query with the vectors of a unit. It returns the number of vectors that were among the k nearest when they were
// compared; 0 means that the unit did not change the result.
func (s *Scan) Add(u Unit) (entered int) {
	for i := len(s.places); i < len(u.IDs); i++ {
		s.places = append(s.places, int32(i))
	}
	return s.add(u.Vectors, s.places[:len(u.IDs)], u.IDs)
}

// AddRows is like Add for the rows of base with the given IDs.
func (s *Scan) AddRows(base ann.Coordinates, ids []int32) (entered int) { return s.add(base, ids, ids) }

// add compares the query with the given rows of v, which are the vectors with the given IDs, and returns how many entered.
func (s *Scan) add(v ann.Coordinates, places, ids []int32) (entered int) {
	whole := v.Bytes != nil && len(s.bytes) == s.d
	if v.Bytes == nil {
		s.near = slices.Grow(s.near[:0], len(places))[:len(places)]
		rows.SquaredL2(s.query, v.Floats, places, s.near)
	}
	for i, place := range places {
		var distance float64
		switch {
		case whole:
			distance = float64(squared.Bytes(s.bytes, v.Bytes[int(place)*s.d:(int(place)+1)*s.d]))
		case v.Bytes == nil && s.near[i] > s.rejected:
			continue
		default:
			x := v.Row(int(place), s.row)
			if v.Bytes != nil && ann.SquaredL2(s.query, x) > s.rejected {
				continue
			}
			distance = squaredL2(s.query, x)
		}
		if distance <= s.limit && s.offer(candidate{distance, ids[i]}) {
			entered++
		}
	}
	return entered
}

// Len returns the number of vectors found, at most k.
func (s *Scan) Len() int { return len(s.best) }

// Bound returns the squared distance of the k-th nearest vector found, or +Inf if fewer than k were found.
func (s *Scan) Bound() float64 { return s.limit }

// Same reports whether s and other found the same vectors.
func (s *Scan) Same(other *Scan) bool { return slices.Equal(s.best, other.best) }

// Within returns how many of the vectors found have at most the given squared distance.
func (s *Scan) Within(squared float64) (n int) {
	for n < len(s.best) && s.best[n].squared <= squared {
		n++
	}
	return n
}

// offer adds a candidate, if it belongs to the k nearest and is not among them already, and reports whether it did.
func (s *Scan) offer(c candidate) bool {
	if c.squared > s.limit || c.id == s.self {
		return false
	}
	at, found := slices.BinarySearchFunc(s.best, c, candidate.compare)
	if found || at == s.k {
		return false
	}
	s.best = slices.Insert(s.best, at, c)
	if len(s.best) > s.k {
		s.best = s.best[:s.k]
	}
	if len(s.best) == s.k {
		s.setLimit(s.best[s.k-1].squared)
	}
	return true
}

// Append appends the nearest vectors found, at most k, with their distances, never squared, to list and returns it.
func (s *Scan) Append(list ann.Neighbors) ann.Neighbors {
	for _, c := range s.best {
		list = append(list, ann.Neighbor{ID: c.id, Distance: float32(math.Sqrt(c.squared))})
	}
	return list
}

// squaredL2 returns the squared L2 distance of a and b in double precision.
func squaredL2(a, b []float32) (sum float64) {
	b = b[:len(a)]
	for i, x := range a {
		d := float64(x) - float64(b[i])
		sum += d * d
	}
	return sum
}
