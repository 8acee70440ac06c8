package sketch

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas32"
)

// Quantizer is a product quantizer (Jégou, Douze and Schmid 2011). It divides the numbers of a vector into consecutive subspaces
// and replaces each part of the vector by the nearest codeword of the subspace. The numbers of a codeword are multiples of a step.
// They are stored as bytes, 128 more than the multiple.
type Quantizer struct {
	starts []int     // length subspaces + 1, from 0 to D: subspace m holds the numbers starts[m] … starts[m+1]−1
	bits   []int     // of the code of each subspace, 0 … 8: it has 2^bits codewords
	offset []int     // of the code of each subspace in the code of a vector, in bits; the last is the sum
	words  [][]uint8 // the codewords of each subspace, one after another
	step   float32   // above 0
	parts  []part    // the same for avx2; nil if it does not apply
	lanes  []lanes   // the same for avx512; nil if it does not apply
	few    bool      // lanes is not nil and avx512Parts is faster than avx512
}

// multiple is what the dimensions of subspaces are multiples of, if there are enough dimensions.
const multiple = 4

// divided returns the starts of n subspaces of about the same dimension, and d.
func divided(d, n int) []int {
	unit := multiple
	if d%multiple != 0 || d < multiple*n {
		unit = 1
	}
	starts := make([]int, n+1)
	for m := range starts {
		starts[m] = m * (d / unit) / n * unit
	}
	return starts
}

// newQuantizer returns a quantizer without codewords for vectors of d numbers.
func newQuantizer(d int, bits []int) *Quantizer {
	n := len(bits)
	q := &Quantizer{starts: divided(d, n), bits: bits, offset: make([]int, n+1), words: make([][]uint8, n)}
	for m, b := range bits {
		q.offset[m+1] = q.offset[m] + b
	}
	return q
}

// Bits returns the number of bits of the code of a vector.
func (q *Quantizer) Bits() int { return q.offset[len(q.bits)] }

// Subspaces returns the number of subspaces.
func (q *Quantizer) Subspaces() int { return len(q.bits) }

// Codewords returns the codewords of subspace m, one after another, and their dimension.
func (q *Quantizer) Codewords(m int) (words []float32, d int) {
	words = make([]float32, len(q.words[m]))
	for i, w := range q.words[m] {
		words[i] = q.step * (float32(w) - zero)
	}
	return words, q.starts[m+1] - q.starts[m]
}

// Decode adds to x the codewords of the codes, one for each subspace.
func (q *Quantizer) Decode(codes []uint8, x []float32) {
	for m, code := range codes {
		part := x[q.starts[m]:q.starts[m+1]]
		for j, w := range q.words[m][int(code)*len(part):][:len(part)] {
			part[j] += float32(q.step * (float32(w) - zero))
		}
	}
}

// memoryBytes returns the size of the codewords.
func (q *Quantizer) memoryBytes() (n int64) {
	for _, words := range q.words {
		n += int64(len(words))
	}
	return n
}

// Bytes that stand for a multiple of the step. Codewords take half of the range, so that vectors twice as long are in it.
const (
	zero        = 128 // stands for 0
	mostOfWords = 63  // largest multiple of the codewords
	mostOfByte  = 255 - zero
)

// set sets the codewords of all subspaces to the centroids, rounded.
func (q *Quantizer) set(centroids [][]float32) {
	highest := float32(0)
	for _, part := range centroids {
		for _, x := range part {
			highest = max(highest, x, -x)
		}
	}
	if q.step = highest / mostOfWords; q.step == 0 {
		q.step = 1
	}
	total := 0
	for _, part := range centroids {
		total += len(part)
	}
	all := make([]uint8, total) // one after another, as in a file
	for m, part := range centroids {
		q.words[m], all = all[:len(part):len(part)], all[len(part):]
		for i, x := range part {
			q.words[m][i] = uint8(zero + math.RoundToEven(float64(x/q.step)))
		}
	}
	q.prepare()
}

// check returns an error unless the numbers of codewords and the step are possible.
func (q *Quantizer) check() error {
	for m, words := range q.words {
		if d := q.starts[m+1] - q.starts[m]; d < 1 || len(words) != d<<q.bits[m] {
			return fmt.Errorf("sketch: subspace %d of %d numbers has %d numbers of codewords", m, d, len(words))
		}
	}
	if s := float64(q.step); !(s > 0) || math.IsInf(s, 0) {
		return fmt.Errorf("sketch: codewords have the step %v", s)
	}
	return nil
}

// Encoder finds the codes of vectors. It is used by one core.
type Encoder struct {
	q     *Quantizer
	parts []assigner
}

// NewEncoder returns an encoder of the quantizer.
func (q *Quantizer) NewEncoder() *Encoder {
	e := &Encoder{q: q, parts: make([]assigner, len(q.bits))}
	for m := range q.bits {
		words, d := q.Codewords(m)
		e.parts[m].set(words, d)
	}
	return e
}

// Encode sets codes to those of x, one for each subspace. Of equally near codewords it takes the first.
func (e *Encoder) Encode(x []float32, codes []uint8) {
	for m := range e.parts {
		code, _ := e.parts[m].nearest(x[e.q.starts[m]:e.q.starts[m+1]])
		codes[m] = uint8(code)
	}
}

// assigner finds the nearest of some centroids. It computes ‖c‖² − 2x·c for all centroids, one number of x after another.
type assigner struct {
	columns []float32 // −2 × number j of every centroid, one j after another
	norms   []float32 // ‖c‖²
	values  []float32
}

func (a *assigner) set(centroids []float32, d int) {
	k := len(centroids) / d
	if len(a.norms) != k {
		a.columns, a.norms, a.values = make([]float32, k*d), make([]float32, k), make([]float32, k)
	}
	for c := range k {
		norm := float32(0)
		for j, x := range centroids[c*d : (c+1)*d] {
			a.columns[j*k+c] = -2 * x
			norm += float32(x * x)
		}
		a.norms[c] = norm
	}
}

// nearest returns the nearest centroid, and the square of its distance less ‖x‖².
func (a *assigner) nearest(x []float32) (centroid int, value float32) {
	k := len(a.norms)
	copy(a.values, a.norms)
	for j, alpha := range x {
		blas32.Implementation().Saxpy(k, alpha, a.columns[j*k:(j+1)*k], 1, a.values, 1)
	}
	centroid, value = 0, a.values[0]
	for c, v := range a.values {
		if v < value {
			centroid, value = c, v
		}
	}
	return centroid, value
}
