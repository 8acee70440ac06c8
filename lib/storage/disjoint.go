package storage

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"slices"

	"anncapacity/lib/ann"
)

// Disjoint returns the queries that are not in the base, in their order, and the rows of the others. A query is in the base if all
// its numbers are those of a base vector. A search for such a query finds the query itself, so that it says nothing about other
// queries. It is an error if the dimensions differ or if no query is left.
func Disjoint(base, queries ann.Coordinates) (kept ann.Coordinates, inBase []int, err error) {
	if base.D != queries.D {
		return kept, nil, fmt.Errorf("storage: queries have %d dimensions, the base %d", queries.D, base.D)
	}
	seed := maphash.MakeSeed()
	rows := map[uint64][]int{} // rows of queries by hash
	query, row := newContents(queries), newContents(base)
	for i := range queries.N {
		h := maphash.Bytes(seed, query.of(i))
		rows[h] = append(rows[h], i)
	}
	found := make([]bool, queries.N)
	for i := range base.N {
		content := row.of(i)
		h := maphash.Bytes(seed, content)
		if same, ok := rows[h]; ok {
			rows[h] = slices.DeleteFunc(same, func(q int) bool { // a query is compared until it is found
				found[q] = bytes.Equal(query.of(q), content)
				return found[q]
			})
		}
	}
	var ids []int32
	for i, in := range found {
		if in {
			inBase = append(inBase, i)
		} else {
			ids = append(ids, int32(i))
		}
	}
	if len(ids) == 0 {
		return kept, inBase, fmt.Errorf("storage: all of the %d queries are base vectors", queries.N)
	}
	if len(inBase) == 0 {
		return queries, nil, nil
	}
	kept, err = queries.Subset(ids)
	return kept, inBase, err
}

// contents gives the numbers of vectors as bytes: those of float32, with −0 as 0.
type contents struct {
	c    ann.Coordinates
	row  []float32
	data []byte
}

func newContents(c ann.Coordinates) *contents {
	return &contents{c, make([]float32, c.D), make([]byte, 4*c.D)}
}

// of returns the content of vector i. It is valid until the next call.
func (c *contents) of(i int) []byte {
	for j, x := range c.c.Row(i, c.row) {
		binary.LittleEndian.PutUint32(c.data[4*j:], math.Float32bits(x+0))
	}
	return c.data
}

// CheckFinite returns an error unless the shape of c is valid and all its numbers are finite.
func CheckFinite(c ann.Coordinates) error {
	if c.Bytes != nil {
		_, err := ann.NewBytes(c.N, c.D, c.Bytes)
		return err
	}
	_, err := ann.NewVectors(c.N, c.D, c.Floats)
	return err
}
