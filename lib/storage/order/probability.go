package order

import (
	"errors"
	"fmt"
	"math"
)

// Probability estimates how probably a vector is nearer to a query than a given distance, from an estimate of its distance. It is a
// descending function of (estimated squared distance − given squared distance) / scale, as a table. The function is that which
// the frequencies in a sample show: of the vectors of a base whose difference from the distance of the nearest neighbour is
// about the same, the share that are the nearest neighbour, made descending by isotonic regression (Ayer et al. 1955).
type Probability struct {
	scale  float32 // squared distance
	offset float32 // mean of (squared distance of the nearest − least estimate) / scale
	missed float32 // share of queries whose nearest neighbour had no estimate
	table  [tableSize]float32
	factor float32 // finest / scale
}

// The table begins at lowest and has finest entries for a difference of one scale. Differences below have the first
// probability, differences above 0.
const (
	lowest    = -4.0
	finest    = 64
	tableSize = 16 * finest
	coarsest  = 8 // bins that are counted for a difference of one scale
)

// of returns the probability for a difference of squared distances.
func (p *Probability) of(difference float32) float32 {
	at := difference*p.factor - lowest*finest
	if !(at < tableSize) { // NaN, too
		return 0
	}
	return p.table[max(int(at), 0)]
}

// sample counts what Probability is fitted to.
type sample struct {
	scale   float32
	all     [tableSize / finest * coarsest]int64 // vectors, by difference
	nearest [tableSize / finest * coarsest]int64 // nearest neighbours, by difference
	queries int
	missed  int // queries whose nearest neighbour has no estimate
	offset  float64
}

// bin returns the bin of a difference, and whether it is in the table.
func (s *sample) bin(difference float32) (int, bool) {
	at := (difference/s.scale - lowest) * coarsest
	return int(max(0, at)), at < float32(len(s.all))
}

// add counts the estimates of one query. squared is the squared distance of its nearest neighbour, whose estimate is at the given
// place, or −1 if it has none.
func (s *sample) add(estimates []float32, squared float32, place int) {
	least := float32(math.MaxFloat32)
	for _, e := range estimates {
		least = min(least, e)
		if b, ok := s.bin(e - squared); ok {
			s.all[b]++
		}
	}
	s.queries++
	s.offset += float64((squared - least) / s.scale)
	if place < 0 {
		s.missed++
		return
	}
	if b, ok := s.bin(estimates[place] - squared); ok {
		s.nearest[b]++
	}
}

// merge adds the counts of t.
func (s *sample) merge(t *sample) {
	for b := range s.all {
		s.all[b] += t.all[b]
		s.nearest[b] += t.nearest[b]
	}
	s.queries += t.queries
	s.missed += t.missed
	s.offset += t.offset
}

// run is a number of adjacent bins with the same probability.
type run struct{ nearest, all, bins float64 }

func (r run) probability() float64 { return r.nearest / max(1, r.all) }

// runs returns the isotonic regression of the frequencies: runs of bins whose probabilities descend.
func (s *sample) runs() (runs []run) {
	for b, n := range s.all {
		runs = append(runs, run{float64(s.nearest[b]), float64(n), 1})
		for k := len(runs) - 1; k > 0 && runs[k-1].probability() <= runs[k].probability(); k-- {
			runs[k-1] = run{runs[k-1].nearest + runs[k].nearest, runs[k-1].all + runs[k].all, runs[k-1].bins + runs[k].bins}
			runs = runs[:k]
		}
	}
	return runs
}

// leastProbability is where the table ends.
const leastProbability = 1e-9

// probability returns the function that the counts show. Between the centres of the runs its logarithm is linear.
func (s *sample) probability() (Probability, error) {
	if s.queries == s.missed {
		return Probability{}, fmt.Errorf("order: the nearest neighbour of none of %d queries has an estimate", s.queries)
	}
	p := Probability{scale: s.scale, offset: float32(s.offset / float64(s.queries)), missed: float32(s.missed) / float32(s.queries)}
	p.factor = finest / p.scale
	var centres, logs []float64
	begin := 0.
	for _, r := range s.runs() {
		centres = append(centres, (begin+r.bins/2)*finest/coarsest)
		logs = append(logs, math.Log(max(leastProbability, min(1, r.probability()))))
		begin += r.bins
	}
	k := 0
	for i := range p.table {
		x := float64(i) + 0.5
		for k+1 < len(centres) && centres[k+1] <= x {
			k++
		}
		log := logs[k]
		if x > centres[k] && k+1 < len(centres) {
			log += (logs[k+1] - logs[k]) * (x - centres[k]) / (centres[k+1] - centres[k])
		}
		if probability := math.Exp(log); probability > 2*leastProbability {
			p.table[i] = float32(probability)
		}
	}
	return p, nil
}

// probabilityHeader is the binary form of a Probability.
type probabilityHeader struct {
	Scale, Offset, Missed float32
	Table                 [tableSize]float32
}

func (p *Probability) header() probabilityHeader {
	return probabilityHeader{p.scale, p.offset, p.missed, p.table}
}

// probability returns the Probability, or an error if the numbers cannot be those of a fit.
func (h probabilityHeader) probability() (Probability, error) {
	p := Probability{h.Scale, h.Offset, h.Missed, h.Table, finest / h.Scale}
	return p, p.check()
}

// check returns an error unless the numbers can be those of a fit.
func (p *Probability) check() error {
	ok := p.scale > 0 && p.scale-p.scale == 0 && p.offset-p.offset == 0 && p.missed >= 0 && p.missed <= 1
	last := float32(1)
	for _, x := range p.table {
		ok = ok && x >= 0 && x <= last
		last = x
	}
	if !ok {
		return errors.New("order: the probabilities of a sketch are damaged")
	}
	return nil
}
