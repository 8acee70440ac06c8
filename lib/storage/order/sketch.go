package order

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/internal/rank"
	"anncapacity/lib/storage/sketch"
)

// Sketch ranks units by the probability that they hold the nearest neighbour, from the estimated distances of their vectors.
//
// Units become candidates by the distances of their means. Blocks of candidates are scanned: the distances of all their vectors are
// estimated. A block is scanned before a scanned unit is ranked next, unless the block is unlikely to be worth it: see worth. The
// other units follow by the distances of their means.
type Sketch struct {
	sketch  *sketch.Sketch
	members Probability // of a vector, from its estimate
	units   Probability // of a candidate, from the distance of its mean
	scan    int         // number of candidates
}

// defaultScan returns the default number of candidates, the units whose vectors may be estimated for a query. Few of them are.
func defaultScan(units int) int { return max(1024, units/8) }

// Parameters of the scan.
const (
	near  = 4   // the candidates are the nearest of at least so many times as many units
	block = 32  // candidates that are scanned together
	ahead = 2   // candidates whose codes are loaded while another is scanned
	worth = 1.0 // a block is scanned if its probability is at least this share of that of the best scanned unit
)

// sketchScratch is the memory of Rank and Remaining for one query.
type sketchScratch struct {
	sketch sketch.Scratch

	query   []float32 // to which the following belongs, so that more units can be ranked for it
	least   float32   // of estimates
	nearest float32   // expected squared distance of the nearest neighbour

	keys   []uint64 // of units by the squared distances of their means, the candidates first
	sorted int      // keys[:sorted] are ascending, and no other key of a candidate, or of another unit, is smaller

	scanned   int       // number of scanned candidates, the first of keys
	estimates []float32 // squared distances of the vectors of the scanned candidates
	starts    []int32   // estimates[starts[i]:starts[i+1]] are of candidate i
	leasts    []float32 // the least of the estimates of candidate i
	waiting   []uint64  // scanned candidates that are not ranked yet, a heap: see key; the ID is the number i
	inBlock   float32   // expected number of nearest neighbours in the next block of candidates

	ranked []int32 // places in keys

	bound    float32   // to which the following belongs
	nearer   []float64 // expected number of vectors nearer than bound in scanned candidate i, or unknown
	others   float64   // the same for the candidates from number of on
	of       int
	expected []float64 // number of vectors nearer than bound in the candidates that are ranked i-th or later, or not yet
}

// start sets the keys of the candidates and of some other units.
func (o *Sketch) start(query []float32, s *sketchScratch) {
	o.sketch.Start(query, &s.sketch)
	s.keys = o.sketch.NextUnits(s.keys[:0], near*o.scan, &s.sketch)
	rank.Smallest(s.keys, o.scan)
	s.query = append(s.query[:0], query...)
	s.least, s.sorted, s.scanned = math.MaxFloat32, 0, 0
	s.estimates, s.starts, s.leasts, s.waiting = s.estimates[:0], append(s.starts[:0], 0), s.leasts[:0], s.waiting[:0]
	s.ranked, s.expected, s.nearer, s.of = s.ranked[:0], s.expected[:0], s.nearer[:0], unknown
}

// unknown stands for a number that was not computed.
const unknown = -1

// sort sorts the first n keys, and more, so that the next calls have nothing to do.
func (o *Sketch) sort(n int, s *sketchScratch) {
	for s.sorted < n {
		if s.sorted == len(s.keys) {
			s.keys = o.sketch.NextUnits(s.keys, o.sketch.Units(), &s.sketch)
		}
		end := len(s.keys)
		if s.sorted < o.scan {
			end = o.scan
		}
		to := min(end, max(4*block, 2*s.sorted))
		rank.Smallest(s.keys[s.sorted:end], to-s.sorted)
		slices.Sort(s.keys[s.sorted:to])
		s.sorted = to
	}
}

// scanBlock scans the next block of candidates.
func (o *Sketch) scanBlock(s *sketchScratch) {
	to := min(s.scanned+block, o.scan)
	o.sort(to, s)
	first, nearest := s.scanned, s.least
	for ; s.scanned < to; s.scanned++ {
		o.sketch.Prefetch(int(rank.ID(s.keys[min(s.scanned+ahead, to-1)])))
		var least float32
		s.estimates, least = o.sketch.MemberDistances(int(rank.ID(s.keys[s.scanned])), s.estimates, &s.sketch)
		s.starts, s.leasts = append(s.starts, int32(len(s.estimates))), append(s.leasts, least)
		s.nearer = append(s.nearer, unknown)
		s.least = min(s.least, least)
	}
	if s.least < nearest {
		s.nearest = s.least + o.members.offset*o.members.scale
		for i, key := range s.waiting {
			s.waiting[i] = o.key(rank.ID(key), s)
		}
		heapify(s.waiting)
	}
	for i := first; i < to; i++ {
		s.waiting = push(s.waiting, o.key(int32(i), s))
	}
	if to < o.scan {
		next := min(to+block, o.scan)
		o.sort(next, s)
		s.inBlock = o.inUnits(s.keys[to:next], s.nearest)
	}
}

// inUnits returns the expected number of vectors, of candidates with the given keys, that are nearer than the given squared distance.
func (o *Sketch) inUnits(keys []uint64, squared float32) (sum float32) {
	for _, key := range keys {
		sum += o.units.of(rank.Value(key) - squared)
	}
	return sum
}

// key returns the key of scanned candidate i. Its value is the negative of the expected number of nearest neighbours in the candidate.
// Candidates for which this is 0 follow by their least estimate.
func (o *Sketch) key(i int32, s *sketchScratch) uint64 {
	mass := float32(0)
	if o.members.of(s.leasts[i]-s.nearest) > 0 {
		for _, e := range s.estimates[s.starts[i]:s.starts[i+1]] {
			mass += o.members.of(e - s.nearest)
		}
		return rank.Key(-mass, i)
	}
	return rank.Key(max(0, s.leasts[i]), i)
}

// next ranks one more unit. There must be one.
func (o *Sketch) next(s *sketchScratch) {
	for s.scanned < o.scan && (len(s.waiting) == 0 || s.inBlock >= worth*max(0, -rank.Value(s.waiting[0]))) {
		o.scanBlock(s)
	}
	if len(s.waiting) == 0 {
		at := len(s.ranked)
		o.sort(at+1, s)
		s.ranked = append(s.ranked, int32(at))
		return
	}
	s.ranked = append(s.ranked, rank.ID(s.waiting[0]))
	s.waiting = pop(s.waiting)
}

// Rank implements Order. It sets no masses.
func (o *Sketch) Rank(query []float32, limit int, r *Ranking) {
	s, ok := r.Scratch.(*sketchScratch)
	if !ok {
		s = new(sketchScratch)
		r.Scratch = s
	}
	if !slices.Equal(s.query, query) {
		o.start(query, s)
	}
	limit = min(limit, o.sketch.Units())
	for len(s.ranked) < limit {
		o.next(s)
	}
	r.Units = r.Units[:0]
	for _, at := range s.ranked[:limit] {
		r.Units = append(r.Units, rank.ID(s.keys[at]))
	}
}

// Remaining implements Order. It takes the number of vectors nearer than best in other units for Poisson-distributed.
func (o *Sketch) Remaining(best float32, n int, r *Ranking) float64 {
	s := r.Scratch.(*sketchScratch)
	if s.bound != best || len(s.expected) != len(s.ranked)+1 {
		o.expect(best, s)
	}
	expected := s.expected[min(n, len(s.ranked))]
	if others := o.sketch.Units() - o.scan; others > 0 {
		expected += float64(o.units.missed) * (1 - float64(max(0, n-o.scan))/float64(others))
	}
	return -math.Expm1(-expected)
}

// expect sets the expected numbers of vectors nearer than best.
func (o *Sketch) expect(best float32, s *sketchScratch) {
	if s.bound != best {
		s.bound, s.of = best, unknown
		for i := range s.nearer {
			s.nearer[i] = unknown
		}
	}
	if s.of != s.scanned {
		s.others, s.of = float64(o.inUnits(s.keys[s.scanned:o.scan], best)), s.scanned
	}
	sum := s.others
	for _, key := range s.waiting {
		sum += o.inCandidate(rank.ID(key), s)
	}
	s.expected = append(s.expected[:0], make([]float64, len(s.ranked)+1)...)
	s.expected[len(s.ranked)] = sum
	for i := len(s.ranked) - 1; i >= 0; i-- {
		if at := s.ranked[i]; int(at) < s.scanned {
			sum += o.inCandidate(at, s)
		}
		s.expected[i] = sum
	}
}

// inCandidate returns the expected number of vectors of scanned candidate i that are nearer than s.bound.
func (o *Sketch) inCandidate(i int32, s *sketchScratch) float64 {
	if s.nearer[i] == unknown {
		sum := float32(0)
		if o.members.of(s.leasts[i]-s.bound) > 0 {
			for _, e := range s.estimates[s.starts[i]:s.starts[i+1]] {
				sum += o.members.of(e - s.bound)
			}
		}
		s.nearer[i] = float64(sum)
	}
	return s.nearer[i]
}

// MemoryBytes implements Order: that of the sketch, and 4 for each entry of the tables of probabilities.
func (o *Sketch) MemoryBytes() int64 { return o.sketch.MemoryBytes() + 2*4*tableSize }

// sketchHeader precedes the sketch in the binary form.
type sketchHeader struct {
	Scan           uint32
	Members, Units probabilityHeader
}

// MarshalBinary returns the order in a binary form that depends only on its content.
func (o *Sketch) MarshalBinary() ([]byte, error) {
	h := sketchHeader{uint32(o.scan), o.members.header(), o.units.header()}
	data, err := binary.Append(nil, binary.LittleEndian, h)
	if err != nil {
		return nil, err
	}
	codes, err := o.sketch.MarshalBinary()
	return append(data, codes...), err
}

// ReadSketch returns the order that MarshalBinary wrote.
func ReadSketch(data []byte) (Order, error) {
	var h sketchHeader
	n, err := binary.Decode(data, binary.LittleEndian, &h)
	if err != nil {
		return nil, errors.New("order: too few bytes for a sketch")
	}
	s, err := sketch.Read(data[n:])
	if err != nil {
		return nil, err
	}
	o := &Sketch{sketch: s, scan: int(h.Scan)}
	if o.scan < 1 || o.scan > s.Units() {
		return nil, fmt.Errorf("order: %d of %d units are scanned", o.scan, s.Units())
	}
	if o.members, err = h.Members.probability(); err == nil {
		o.units, err = h.Units.probability()
	}
	return o, err
}
