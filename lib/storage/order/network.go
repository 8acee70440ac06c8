package order

import (
	"anncapacity/lib/internal/rank"
	"anncapacity/lib/storage/router"
)

// Network ranks units by the probabilities of a network.
type Network struct{ network *router.Network }

// NewNetwork returns an order of the units of a network.
func NewNetwork(n *router.Network) Network { return Network{n} }

// networkScratch is the memory of Rank.
type networkScratch struct {
	router router.Scratch
	sorting
}

// Rank implements Order. The mass of a unit is its probability.
func (o Network) Rank(query []float32, limit int, r *Ranking) {
	s, ok := r.Scratch.(*networkScratch)
	if !ok {
		s = new(networkScratch)
		r.Scratch = s
	}
	if s.begin(query) {
		p := o.network.Logits(query, &s.router)
		router.Probabilities(p)
		for u, mass := range p {
			s.keys = append(s.keys, rank.Key(-mass, int32(u)))
		}
	}
	s.take(r, limit)
	r.Mass = r.Mass[:0]
	for _, key := range s.keys[:len(r.Units)] {
		r.Mass = append(r.Mass, -rank.Value(key))
	}
}

// Remaining implements Order. It is the sum of the probabilities of the other units, for every best.
func (o Network) Remaining(_ float32, n int, r *Ranking) float64 {
	read := 0.
	for _, mass := range r.Mass[:n] {
		read += float64(mass)
	}
	return max(0, 1-read)
}

// MemoryBytes implements Order.
func (o Network) MemoryBytes() int64 { return o.network.MemoryBytes() }

// MarshalBinary returns the network in the format of package router.
func (o Network) MarshalBinary() ([]byte, error) { return o.network.MarshalBinary() }

// ReadNetwork returns the order that MarshalBinary wrote.
func ReadNetwork(data []byte) (Order, error) {
	n := new(router.Network)
	err := n.UnmarshalBinary(data)
	return Network{n}, err
}
