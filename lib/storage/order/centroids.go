package order

import (
	"encoding/binary"
	"fmt"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
)

// Centroids ranks units by the distances of their centroids to the query, ties by unit. It estimates no probabilities:
// it sets no masses, and Remaining returns 1.
type Centroids struct{ centroids ann.Vectors }

// NewCentroids returns an order of units with the given centroids, one row for each unit.
func NewCentroids(centroids ann.Vectors) Centroids { return Centroids{centroids} }

// Rank implements Order.
func (o Centroids) Rank(query []float32, limit int, r *Ranking) {
	s, ok := r.Scratch.(*sorting)
	if !ok {
		s = new(sorting)
		r.Scratch = s
	}
	if s.begin(query) {
		for u := range o.centroids.N {
			s.keys = append(s.keys, rank.Key(ann.SquaredL2(query, o.centroids.Row(u)), int32(u)))
		}
	}
	s.take(r, limit)
	r.Squared = r.Squared[:0]
	for _, key := range s.keys[:len(r.Units)] {
		r.Squared = append(r.Squared, rank.Value(key))
	}
}

// Remaining implements Order.
func (o Centroids) Remaining(float32, int, *Ranking) float64 { return 1 }

// MemoryBytes implements Order: 4 for each number.
func (o Centroids) MemoryBytes() int64 { return 4 * int64(len(o.centroids.Data)) }

// MarshalBinary returns the number of units, the dimension and the numbers of the centroids, of 4 bytes each, little-endian.
func (o Centroids) MarshalBinary() ([]byte, error) {
	data := binary.LittleEndian.AppendUint32(nil, uint32(o.centroids.N))
	data = binary.LittleEndian.AppendUint32(data, uint32(o.centroids.D))
	for _, x := range o.centroids.Data {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
	}
	return data, nil
}

// ReadCentroids returns the order that MarshalBinary wrote.
func ReadCentroids(data []byte) (Order, error) {
	if len(data) < 8 {
		return nil, fmt.Errorf("order: %d bytes are too few for centroids", len(data))
	}
	n, d := int(binary.LittleEndian.Uint32(data)), int(binary.LittleEndian.Uint32(data[4:]))
	data = data[8:]
	if n < 1 || d < 1 || len(data)%4 != 0 || len(data)/4/d != n || len(data)/4%d != 0 {
		return nil, fmt.Errorf("order: %d bytes do not make %d × %d centroids", len(data), n, d)
	}
	numbers := make([]float32, n*d)
	for i := range numbers {
		numbers[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	v, err := ann.NewVectors(n, d, numbers)
	return Centroids{v}, err
}
