package router

import (
	"math"

	"github.com/viterin/vek/vek32"
)

// Network predicts the unit of a query's nearest neighbour. It is safe for concurrent use.
//
// With x = (query − mean) / deviation, coordinate by coordinate, the logits are W₃·f(W₂·f(W₁·x + b₁) + b₂) + D·x + b, where f is
// the activation. A linear network has no W₁, W₂ and W₃. A network without centroids and with hidden layers has no D.
type Network struct {
	form            form
	mean, deviation []float32    // length d; a deviation is positive
	rows            [][]float32  // the values of form.parameters(), where matrices are transposed to out × in: a row is an output
	position        map[part]int // of a parameter in rows
}

// form is the structure of a network.
type form struct {
	D, Hidden, Units int
	Layers           bool // whether there are hidden layers
	Direct           bool // whether there is a direct linear layer
	Activation       Activation
}

// part is a parameter of a network.
type part string

const (
	firstWeights  part = "first_weights"  // d × h
	firstBias     part = "first_bias"     // h
	secondWeights part = "second_weights" // h × h
	secondBias    part = "second_bias"    // h
	thirdWeights  part = "third_weights"  // h × units
	directWeights part = "direct_weights" // d × units
	outputBias    part = "output_bias"    // units
)

// parameter is a matrix, in × out, or a vector of the network.
type parameter struct {
	part part
	dims []int
}

func (p parameter) size() int {
	size := 1
	for _, d := range p.dims {
		size *= d
	}
	return size
}

// parameters returns the parameters of the form, in the order of files and graphs.
func (f form) parameters() []parameter {
	var all []parameter
	if f.Layers {
		all = append(all, parameter{firstWeights, []int{f.D, f.Hidden}}, parameter{firstBias, []int{f.Hidden}},
			parameter{secondWeights, []int{f.Hidden, f.Hidden}}, parameter{secondBias, []int{f.Hidden}},
			parameter{thirdWeights, []int{f.Hidden, f.Units}})
	}
	if f.Direct {
		all = append(all, parameter{directWeights, []int{f.D, f.Units}})
	}
	return append(all, parameter{outputBias, []int{f.Units}})
}

// newNetwork returns the network with the given values of form.parameters().
func newNetwork(f form, mean, deviation []float32, values [][]float32) *Network {
	n := &Network{form: f, mean: mean, deviation: deviation, position: map[part]int{}}
	for i, p := range f.parameters() {
		n.position[p.part] = i
		if len(p.dims) == 1 {
			n.rows = append(n.rows, values[i])
		} else {
			n.rows = append(n.rows, transposed(values[i], p.dims[0], p.dims[1]))
		}
	}
	return n
}

// values returns the values of form.parameters(), row-major.
func (n *Network) values() [][]float32 {
	var all [][]float32
	for i, p := range n.form.parameters() {
		if len(p.dims) == 1 {
			all = append(all, n.rows[i])
		} else {
			all = append(all, transposed(n.rows[i], p.dims[1], p.dims[0]))
		}
	}
	return all
}

// transposed returns a matrix of in × out as out × in.
func transposed(values []float32, in, out int) []float32 {
	t := make([]float32, len(values))
	for i := range in {
		for o, x := range values[i*out : (i+1)*out] {
			t[o*in+i] = x
		}
	}
	return t
}

// Dimension returns the dimension of a query.
func (n *Network) Dimension() int { return n.form.D }

// Units returns the number of units, which is the number of logits.
func (n *Network) Units() int { return n.form.Units }

// MemoryBytes returns the bytes of the parameters, of the mean and of the deviation, 4 for each number.
func (n *Network) MemoryBytes() int64 {
	numbers := 2 * n.form.D
	for _, p := range n.form.parameters() {
		numbers += p.size()
	}
	return 4 * int64(numbers)
}

// Scratch holds the memory of Logits. The zero value is ready for use.
type Scratch struct{ input, first, second, logits []float32 }

// Logits returns the logits of a single query of length Dimension. The result is in s and valid until the next call with s. It
// agrees with Evaluate up to rounding.
func (n *Network) Logits(query []float32, s *Scratch) []float32 {
	f := n.form
	s.input, s.logits = resized(s.input, f.D), resized(s.logits, f.Units)
	for j, q := range query[:f.D] {
		s.input[j] = (q - n.mean[j]) / n.deviation[j]
	}
	copy(s.logits, n.row(outputBias))
	if f.Layers {
		s.first, s.second = resized(s.first, f.Hidden), resized(s.second, f.Hidden)
		copy(s.first, n.row(firstBias))
		addProduct(s.first, n.row(firstWeights), s.input)
		f.Activation.apply(s.first)
		copy(s.second, n.row(secondBias))
		addProduct(s.second, n.row(secondWeights), s.first)
		f.Activation.apply(s.second)
		addProduct(s.logits, n.row(thirdWeights), s.second)
	}
	if f.Direct {
		addProduct(s.logits, n.row(directWeights), s.input)
	}
	return s.logits
}

func (n *Network) row(p part) []float32 { return n.rows[n.position[p]] }

// addProduct adds the product of weights, out × in, with x to sums.
func addProduct(sums, weights, x []float32) {
	for o := range sums {
		sums[o] += vek32.Dot(weights[o*len(x):(o+1)*len(x)], x)
	}
}

// apply replaces the values by those of the activation.
func (a Activation) apply(values []float32) {
	for i, x := range values {
		switch a {
		case ReLU:
			values[i] = max(x, 0)
		case HyperbolicTangent:
			values[i] = float32(math.Tanh(float64(x)))
		case SiLU:
			values[i] = float32(float64(x) / (1 + math.Exp(-float64(x))))
		}
	}
}

// resized returns a slice of length n that uses the memory of s if that suffices.
func resized(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

// Probabilities replaces logits by the probabilities of the units, e^logit / Σ e^logit.
func Probabilities(logits []float32) {
	largest := vek32.Max(logits)
	sum := 0.
	for i, x := range logits {
		p := math.Exp(float64(x - largest))
		logits[i] = float32(p)
		sum += p
	}
	scale := float32(1 / sum)
	for i := range logits {
		logits[i] *= scale
	}
}
