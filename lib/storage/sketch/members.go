package sketch

import (
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// rest sets x to vector id of the base, less the decoded mean of unit u.
func (b *builder) rest(u int, id int32, x []float32) {
	n := b.units.Subspaces()
	clear(x)
	b.units.Decode(b.codes[u*n:(u+1)*n], x)
	for j, mean := range b.mean {
		x[j] += mean
	}
	if b.base.Bytes != nil {
		for j, value := range b.base.Bytes[int(id)*b.base.D:][:b.base.D] {
			x[j] = float32(value) - x[j]
		}
		return
	}
	for j, value := range b.base.Floats[int(id)*b.base.D:][:b.base.D] {
		x[j] = value - x[j]
	}
}

// rests returns the vectors at the given places of the layout, ascending, each less the decoded mean of its unit.
func (b *builder) rests(places []int32) ann.Vectors {
	rows := ann.Vectors{N: len(places), D: b.base.D, Data: make([]float32, len(places)*b.base.D)}
	parallel.For(len(places), func(i int) {
		at := places[i]
		u, found := slices.BinarySearch(b.layout.Starts, at)
		if !found {
			u--
		}
		b.rest(u, b.layout.IDs[at], rows.Row(i))
	})
	return rows
}

// blockUnits is a number of units whose codes do not share a byte with those of other blocks, because it is a multiple of 8.
const blockUnits = 64

// codeMembers sets the codes of the vectors.
func (b *builder) codeMembers() error {
	units := b.layout.Units()
	b.packed = make([]byte, (units*b.slots*b.members.Bits()+7)/8+padding)
	blocks := (units + blockUnits - 1) / blockUnits
	return parallel.Each(b.ctx, blocks, func() (func(int) error, error) {
		e := b.members.NewEncoder()
		codes, x := make([]uint8, b.members.Subspaces()), make([]float32, b.base.D)
		return func(block int) error {
			for u := block * blockUnits; u < min((block+1)*blockUnits, units); u++ {
				for i, id := range b.layout.Unit(u) {
					b.rest(u, id, x)
					e.Encode(x, codes)
					b.members.pack(codes, b.packed, (u*b.slots+i)*b.members.Bits())
				}
			}
			return nil
		}, nil
	})
}

// pack writes the codes of a vector from bit at on. The bits are 0 there.
func (q *Quantizer) pack(codes []uint8, packed []byte, at int) {
	for m, code := range codes {
		for i := range q.bits[m] {
			bit := at + q.offset[m] + i
			packed[bit/8] |= (code >> i & 1) << (bit % 8)
		}
	}
}
