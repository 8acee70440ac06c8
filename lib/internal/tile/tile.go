// Package tile compares a few queries with a few vectors at a time in the registers of the CPU: it multiplies them in float32, or rounded
// to words of 16 bits, and says which of the values are at most the limit of their query, so that only those need to be looked at.
package tile

import "unsafe"

// Kernel compares Rows queries with Columns vectors. Both are given in Panels, in which the coordinates of one dimension follow each
// other: coordinate j of query r is a[j·Rows+r], that of vector c is b[j·Columns+c].
type Kernel struct {
	Rows, Columns int
	// Words says whether the coordinates are whole numbers of 16 bits, in pairs: a[p·Rows+r] holds coordinate 2p of query r in its lower
	// half and coordinate 2p + 1 in its upper half.
	Words bool
	run   func(*arguments)
}

// MostRows is the largest number of rows of a Kernel.
const MostRows = 12

const mostColumns = 32

// Tile is what a Kernel computes.
type Tile struct {
	// Values holds the value of query r and vector c at r·Columns+c: (rowNorms[r] + columnNorms[c]) + Σⱼ a[j·Rows+r] · b[j·Columns+c]. The
	// sum is in the order of j, with one rounding for each term. The sum of words is exact, and then multiplied by the unit of the query
	// times that of the vector.
	Values [MostRows * mostColumns]float32
	// AtMost holds for each query a bit for each vector: bit c is 1 if the value is at most the limit of the query. A NaN is not at most
	// any limit.
	AtMost [MostRows]uint32

	arguments arguments // of the kernel; here they need no allocation of their own
}

// arguments are read in assembly, by their offsets of eight bytes.
type arguments struct {
	a, b                          unsafe.Pointer
	steps                         int
	rowNorms, columnNorms, limits *float32
	values                        *float32
	atMost                        *uint32
	rowUnits, columnUnits         *float32
}

// Best returns the fastest Kernel for float32 that this CPU runs, or nil if there is none.
func Best() *Kernel { return first(false) }

// BestWords returns the fastest Kernel for words that this CPU runs, or nil if there is none.
func BestWords() *Kernel { return first(true) }

func first(words bool) *Kernel {
	for _, k := range Kernels() {
		if k.Words == words {
			return k
		}
	}
	return nil
}

// compute fills t for panels of d ≥ 1 dimensions. rowNorms and limits have an element for each query, columnNorms for each vector.
func (k *Kernel) compute(t *Tile, d int, a, b, rowNorms, columnNorms, limits []float32) {
	a, b = a[:d*k.Rows], b[:d*k.Columns]
	t.run(k, d, unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), rowNorms, columnNorms, limits)
}

// computeWords does what compute does for panels of so many pairs of words. No sum of products may reach 2³¹ in absolute value. rowUnits
// has an element for each query, columnUnits for each vector.
func (k *Kernel) computeWords(t *Tile, pairs int, a, b []int32, rowUnits, columnUnits, rowNorms, columnNorms, limits []float32) {
	a, b, rowUnits, columnUnits = a[:pairs*k.Rows], b[:pairs*k.Columns], rowUnits[:k.Rows], columnUnits[:k.Columns]
	t.arguments.rowUnits, t.arguments.columnUnits = &rowUnits[0], &columnUnits[0]
	t.run(k, pairs, unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), rowNorms, columnNorms, limits)
}

// run runs the kernel for panels of so many numbers of each query and vector.
func (t *Tile) run(k *Kernel, steps int, a, b unsafe.Pointer, rowNorms, columnNorms, limits []float32) {
	rowNorms, columnNorms, limits = rowNorms[:k.Rows], columnNorms[:k.Columns], limits[:k.Rows]
	to := &t.arguments
	to.a, to.b, to.steps = a, b, steps
	to.rowNorms, to.columnNorms, to.limits = &rowNorms[0], &columnNorms[0], &limits[0]
	to.values, to.atMost = &t.Values[0], &t.AtMost[0]
	k.run(to)
}
