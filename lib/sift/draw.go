package sift

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"

	"anncapacity/lib/ann"
)

// draw draws descriptors at random without replacement from a sequence of unknown length (reservoir sampling, Vitter's
// Algorithm R). It holds no more than the wanted number.
type draw struct {
	want, seen int
	rows       []uint8
	rng        *rand.Rand
}

func newDraw(want int, rng *rand.Rand) *draw { return &draw{want: want, rng: rng} }

// offer considers the next descriptor of the sequence and copies it if it is drawn.
func (d *draw) offer(v []uint8) {
	d.seen++
	if d.seen <= d.want {
		d.rows = append(d.rows, v...)
		return
	}
	if i := d.rng.IntN(d.seen); i < d.want {
		copy(d.row(i), v)
	}
}

func (d *draw) row(i int) []uint8 { return d.rows[i*Dimensions : (i+1)*Dimensions] }

// vectors returns the drawn descriptors in random order. It is an error if there are fewer than wanted.
func (d *draw) vectors() (ann.Coordinates, error) {
	if d.seen < d.want {
		return ann.Coordinates{}, fmt.Errorf("there are %d descriptors, %d are wanted", d.seen, d.want)
	}
	var other [Dimensions]uint8
	d.rng.Shuffle(d.want, func(i, j int) {
		copy(other[:], d.row(i))
		copy(d.row(i), d.row(j))
		copy(d.row(j), other[:])
	})
	return ann.NewBytes(d.want, Dimensions, d.rows)
}

// lookup finds vectors by their bytes.
type lookup struct {
	vectors ann.Coordinates
	order   []int32 // rows in ascending order of their bytes
}

func newLookup(v ann.Coordinates) lookup {
	l := lookup{v, make([]int32, v.N)}
	for i := range l.order {
		l.order[i] = int32(i)
	}
	slices.SortFunc(l.order, func(a, b int32) int { return bytes.Compare(l.row(a), l.row(b)) })
	return l
}

func (l lookup) row(i int32) []uint8 {
	d := l.vectors.D
	return l.vectors.Bytes[int(i)*d : (int(i)+1)*d]
}

// has reports whether a vector has the bytes v.
func (l lookup) has(v []uint8) bool {
	_, found := sort.Find(len(l.order), func(i int) int { return bytes.Compare(v, l.row(l.order[i])) })
	return found
}
