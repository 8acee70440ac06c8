package ann

import (
	"fmt"

	"anncapacity/lib/internal/vec"
)

// Coordinates is an n × d matrix of vectors that keeps the type of its numbers: float32 or uint8. A vector of uint8 takes a
// quarter of the memory and of the disk. Exactly one of Floats and Bytes is not nil.
type Coordinates struct {
	N, D   int
	Floats []float32 // length N·D, or nil
	Bytes  []uint8   // length N·D, or nil
}

// Coordinates returns v as coordinates of type float32, without a copy.
func (v Vectors) Coordinates() Coordinates { return Coordinates{N: v.N, D: v.D, Floats: v.Data} }

// NewBytes returns data as n × d vectors of type uint8, without a copy. It is an error if the length of data is not n·d.
func NewBytes(n, d int, data []uint8) (Coordinates, error) {
	c := Coordinates{N: n, D: d, Bytes: data}
	if n < 1 || d < 1 {
		return c, fmt.Errorf("vectors: shape %d × %d: both sides must be at least 1", n, d)
	}
	if len(data) != n*d {
		return c, fmt.Errorf("vectors: %d numbers do not make %d × %d", len(data), n, d)
	}
	return c, nil
}

// Width returns the bytes of one number: 4 or 1.
func (c Coordinates) Width() int {
	if c.Bytes != nil {
		return 1
	}
	return 4
}

// Row returns vector i as float32 of length D. Vectors of uint8 are converted into the slice into, which must hold D numbers;
// vectors of float32 are returned as a view.
func (c Coordinates) Row(i int, into []float32) []float32 {
	if c.Bytes == nil {
		return c.Floats[i*c.D : (i+1)*c.D : (i+1)*c.D]
	}
	into = into[:c.D]
	vec.Widen(into, c.Bytes[i*c.D:(i+1)*c.D])
	return into
}

// SquaredL2 returns the squared Euclidean distance between query and vector i, computed in float32. It is exact for integers
// whose squared distance is at most 2²⁴.
func (c Coordinates) SquaredL2(query []float32, i int) float32 {
	if c.Bytes == nil {
		return SquaredL2(query, c.Floats[i*c.D:(i+1)*c.D])
	}
	x := c.Bytes[i*c.D : (i+1)*c.D]
	query = query[:len(x)]
	var s0, s1, s2, s3 float32
	j := 0
	for ; j+4 <= len(x); j += 4 {
		d0, d1, d2, d3 := query[j]-float32(x[j]), query[j+1]-float32(x[j+1]), query[j+2]-float32(x[j+2]), query[j+3]-float32(x[j+3])
		s0 += float32(d0 * d0)
		s1 += float32(d1 * d1)
		s2 += float32(d2 * d2)
		s3 += float32(d3 * d3)
	}
	for ; j < len(x); j++ {
		d := query[j] - float32(x[j])
		s0 += float32(d * d)
	}
	return (s0 + s1) + (s2 + s3)
}

// Rows returns the vectors from … to−1 as float32. Vectors of uint8 are copied.
func (c Coordinates) Rows(from, to int) Vectors {
	if c.Bytes == nil {
		return Vectors{N: to - from, D: c.D, Data: c.Floats[from*c.D : to*c.D]}
	}
	v := Vectors{N: to - from, D: c.D, Data: make([]float32, (to-from)*c.D)}
	vec.Widen(v.Data, c.Bytes[from*c.D:to*c.D])
	return v
}

// Vectors returns all vectors as float32. Vectors of uint8 are copied.
func (c Coordinates) Vectors() Vectors { return c.Rows(0, c.N) }

// Slice returns the vectors from … to−1, without a copy.
func (c Coordinates) Slice(from, to int) Coordinates {
	s := Coordinates{N: to - from, D: c.D}
	if c.Bytes != nil {
		s.Bytes = c.Bytes[from*c.D : to*c.D]
	} else {
		s.Floats = c.Floats[from*c.D : to*c.D]
	}
	return s
}

// Subset returns a copy of the rows with the given IDs, in the order of ids. Row j of the copy has ID j. An ID outside 0
// … N−1 is an error.
func (c Coordinates) Subset(ids []int32) (Coordinates, error) {
	for _, id := range ids {
		if id < 0 || int(id) >= c.N {
			return Coordinates{}, fmt.Errorf("vectors: row %d is out of range: there are %d rows", id, c.N)
		}
	}
	s := Coordinates{N: len(ids), D: c.D}
	if c.Bytes != nil {
		s.Bytes = subset(c.Bytes, c.D, ids)
	} else {
		s.Floats = subset(c.Floats, c.D, ids)
	}
	return s, nil
}

func subset[T any](data []T, d int, ids []int32) []T {
	rows := make([]T, 0, len(ids)*d)
	for _, id := range ids {
		rows = append(rows, data[int(id)*d:(int(id)+1)*d]...)
	}
	return rows
}
