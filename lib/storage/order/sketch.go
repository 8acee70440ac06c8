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

// Sketch ranks units by the probability that they hold the nearest neighbour, from the estimated distances of all their vectors.
// The vectors of the units with the nearest means are estimated; the other units follow by the distance of their means.
type Sketch struct {
	sketch      *sketch.Sketch
	probability Probability
	scan        int     // units whose vectors are estimated, at most
	reach       float32 // difference of squared distances at which units are too far to be estimated
}

// DefaultScan is the default of the largest number of units whose vectors are estimated for a query.
const DefaultScan = 1024

// sketchScratch is the memory of Rank and Remaining for one query.
type sketchScratch struct {
	sketch sketch.Scratch

	query []float32 // to which the following belongs, so that more units can be ranked for it
	least float32   // of estimates

	means     []float32 // of all units, squared distances
	keys      []uint64  // of all units by these, the scanned units first, ascending
	scanned   int       // number of scanned units
	estimates []float32 // squared distances of the vectors of the scanned units
	starts    []int32   // estimates[starts[i]:starts[i+1]] are of scanned unit i

	ranked []uint64 // keys of the scanned units, by their number i

	best     float32   // to which expected belongs
	expected []float64 // number of vectors nearer than best in the scanned units that are ranked i-th or later
}

// estimate sets the estimates for the query and returns the least. It ends before a unit whose mean is farther than the least
// estimate by reach.
func (o *Sketch) estimate(query []float32, s *sketchScratch) (least float32) {
	units := o.sketch.Units()
	if len(s.means) != units {
		s.means, s.keys = make([]float32, units), make([]uint64, units)
	}
	o.sketch.UnitDistances(query, s.means, &s.sketch)
	for u, d := range s.means {
		s.keys[u] = rank.Key(d, int32(u))
	}
	rank.Smallest(s.keys, o.scan)
	slices.Sort(s.keys[:o.scan])
	s.estimates, s.starts, s.scanned = s.estimates[:0], append(s.starts[:0], 0), 0
	least = math.MaxFloat32
	for _, key := range s.keys[:o.scan] {
		if rank.Value(key)-least > o.reach {
			break
		}
		from := len(s.estimates)
		s.estimates = o.sketch.MemberDistances(int(rank.ID(key)), s.estimates, &s.sketch)
		for _, e := range s.estimates[from:] {
			least = min(least, e)
		}
		s.starts = append(s.starts, int32(len(s.estimates)))
		s.scanned++
	}
	return least
}

// Rank implements Order.
func (o *Sketch) Rank(query []float32, limit int, r *Ranking) {
	s, ok := r.Scratch.(*sketchScratch)
	if !ok {
		s = new(sketchScratch)
		r.Scratch = s
	}
	if !slices.Equal(s.query, query) {
		s.least = o.estimate(query, s)
		s.query = append(s.query[:0], query...)
	}
	nearest := s.least + o.probability.offset*o.probability.scale
	total := 0.
	s.ranked, s.expected = s.ranked[:0], s.expected[:0]
	for i := range s.scanned {
		key, mass := o.rankOf(s.estimates[s.starts[i]:s.starts[i+1]], nearest)
		s.ranked = append(s.ranked, rank.Key(key, int32(i)))
		total += float64(mass)
	}
	slices.Sort(s.ranked)
	r.Units, r.Mass = r.Units[:0], r.Mass[:0]
	share := (1 - o.probability.missed) / float32(max(total, math.SmallestNonzeroFloat32))
	for _, key := range s.ranked[:min(limit, s.scanned)] {
		r.Units = append(r.Units, rank.ID(s.keys[rank.ID(key)]))
		r.Mass = append(r.Mass, max(0, -rank.Value(key))*share)
	}
	if limit > s.scanned {
		o.addOthers(limit-s.scanned, r, s)
	}
}

// rankOf returns the mass of a unit with the given estimates, if the nearest neighbour has the given squared distance, and the key
// by which units are sorted. The key of a unit with a mass is −mass. Units without mass follow by their least estimate.
func (o *Sketch) rankOf(estimates []float32, nearest float32) (key, mass float32) {
	least := float32(math.MaxFloat32)
	for _, e := range estimates {
		mass += o.probability.of(e - nearest)
		least = min(least, e)
	}
	if mass > 0 {
		return -mass, mass
	}
	return max(0, least), 0
}

// addOthers adds the nearest count of the units that were not scanned.
func (o *Sketch) addOthers(count int, r *Ranking, s *sketchScratch) {
	others := s.keys[s.scanned:]
	if len(others) == 0 {
		return
	}
	count = min(count, len(others))
	rank.Smallest(others, count)
	slices.Sort(others[:count])
	mass := o.probability.missed / float32(len(others))
	for _, key := range others[:count] {
		r.Units = append(r.Units, rank.ID(key))
		r.Mass = append(r.Mass, mass)
	}
}

// Remaining implements Order. It takes the number of vectors nearer than best in other units for Poisson-distributed.
func (o *Sketch) Remaining(best float32, n int, r *Ranking) float64 {
	s := r.Scratch.(*sketchScratch)
	if s.best != best || len(s.expected) == 0 {
		o.expect(best, s)
	}
	expected := s.expected[min(n, s.scanned)]
	if others := o.sketch.Units() - s.scanned; others > 0 {
		expected += float64(o.probability.missed) * (1 - float64(max(0, n-s.scanned))/float64(others))
	}
	return -math.Expm1(-expected)
}

// expect sets the expected numbers of vectors nearer than best.
func (o *Sketch) expect(best float32, s *sketchScratch) {
	s.best = best
	s.expected = append(s.expected[:0], make([]float64, s.scanned+1)...)
	for i := s.scanned - 1; i >= 0; i-- {
		unit := rank.ID(s.ranked[i])
		sum := float32(0)
		for _, e := range s.estimates[s.starts[unit]:s.starts[unit+1]] {
			sum += o.probability.of(e - best)
		}
		s.expected[i] = s.expected[i+1] + float64(sum)
	}
}

// MemoryBytes implements Order: that of the sketch, and 4 for each entry of the table of probabilities.
func (o *Sketch) MemoryBytes() int64 { return o.sketch.MemoryBytes() + 4*tableSize }

// sketchHeader precedes the sketch in the binary form.
type sketchHeader struct {
	Scan                         uint32
	Reach, Scale, Offset, Missed float32
	Table                        [tableSize]float32
}

// MarshalBinary returns the order in a binary form that depends only on its content.
func (o *Sketch) MarshalBinary() ([]byte, error) {
	p := &o.probability
	data, err := binary.Append(nil, binary.LittleEndian, sketchHeader{uint32(o.scan), o.reach, p.scale, p.offset, p.missed, p.table})
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
	o := &Sketch{s, Probability{h.Scale, h.Offset, h.Missed, h.Table, finest / h.Scale}, int(h.Scan), h.Reach}
	if o.scan < 1 || o.scan > s.Units() {
		return nil, fmt.Errorf("order: %d of %d units are scanned", o.scan, s.Units())
	}
	if !(o.reach >= 0) {
		return nil, fmt.Errorf("order: units within %v are scanned", o.reach)
	}
	return o, o.probability.check()
}
