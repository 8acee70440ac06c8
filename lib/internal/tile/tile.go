// Package tile compares a few queries with a few vectors at a time in the registers of the CPU: it multiplies them in float32 and says
// which of the values are at most the limit of their query, so that only those need to be looked at.
package tile

// Kernel compares Rows queries with Columns vectors. Both are given in panels, in which the coordinates of one dimension follow each
// other: coordinate j of query r is a[j·Rows+r], that of vector c is b[j·Columns+c].
type Kernel struct {
	Rows, Columns int
	run           func(*arguments)
}

// MostRows is the largest number of rows of a Kernel.
const MostRows = 12

const mostColumns = 32

// Tile is what a Kernel computes.
type Tile struct {
	// Values holds the value of query r and vector c at r·Columns+c: (rowNorms[r] + columnNorms[c]) + Σⱼ a[j·Rows+r] · b[j·Columns+c]. The
	// sum is in the order of j, with one rounding for each term.
	Values [MostRows * mostColumns]float32
	// AtMost holds for each query a bit for each vector: bit c is 1 if the value is at most the limit of the query. A NaN is not at most
	// any limit.
	AtMost [MostRows]uint32

	arguments arguments // of the kernel; here they need no allocation of their own
}

// arguments are read in assembly, by their offsets of eight bytes.
type arguments struct {
	a, b                          *float32
	d                             int
	rowNorms, columnNorms, limits *float32
	values                        *float32
	atMost                        *uint32
}

// Best returns the fastest Kernel that this CPU runs, or nil if there is none.
func Best() *Kernel {
	if all := Kernels(); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Compute fills t for panels of d ≥ 1 dimensions. rowNorms and limits have an element for each query, columnNorms for each vector.
func (k *Kernel) Compute(t *Tile, d int, a, b, rowNorms, columnNorms, limits []float32) {
	a, b = a[:d*k.Rows], b[:d*k.Columns]
	rowNorms, columnNorms, limits = rowNorms[:k.Rows], columnNorms[:k.Columns], limits[:k.Rows]
	t.arguments = arguments{&a[0], &b[0], d, &rowNorms[0], &columnNorms[0], &limits[0], &t.Values[0], &t.AtMost[0]}
	k.run(&t.arguments)
}
