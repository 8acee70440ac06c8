package router

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// start fills the store with the checkpoint if there is one, otherwise with initial values.
func (t *Trainer) start() error {
	if found, err := t.load(); found || err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(t.options.Seed, 0))
	for i, values := range t.initial(random) {
		p := t.form.parameters()[i]
		if err := create(t.store, string(p.part), true, values, p.dims...); err != nil {
			return err
		}
	}
	state := []uint64{random.Uint64(), random.Uint64(), random.Uint64()}
	return create(t.store, model.RNGStateVariableName, false, state, graph.RNGStateShape.Dimensions...)
}

// initial returns the initial values of form.parameters(). Weights of a layer are drawn from a normal distribution of variance
// 2/in before an activation (He et al., arXiv 1502.01852) and 1/in before the output; biases are 0. With centroids, the direct
// layer and the output bias come from them and the last hidden layer begins with zeros.
func (t *Trainer) initial(random *rand.Rand) [][]float32 {
	var all [][]float32
	for _, p := range t.form.parameters() {
		values := make([]float32, p.size())
		all = append(all, values)
		if len(p.dims) == 1 || p.part == thirdWeights && t.form.Direct {
			continue
		}
		gain := 1.
		if p.part == firstWeights || p.part == secondWeights {
			gain = 2
		}
		deviation := math.Sqrt(gain / float64(p.dims[0]))
		for i := range values {
			values[i] = float32(random.NormFloat64() * deviation)
		}
	}
	if t.options.Centroids.N > 0 {
		t.fromCentroids(all[len(all)-2], all[len(all)-1])
	}
	return all
}

// fromCentroids sets the direct weights, d × units, and the output bias such that the logits are −β‖q − c‖² plus a number that
// depends on the query alone: 2β·q·c − β‖c‖², where the mean is subtracted from both and q = deviation·x. The mean of the biases
// is subtracted, too.
func (t *Trainer) fromCentroids(weights, bias []float32) {
	beta := t.options.Beta
	if beta == 0 {
		beta = t.bestBeta()
	}
	c, exact, sum := t.options.Centroids, make([]float64, t.form.Units), 0.
	for u := range c.N {
		for j, x := range c.Row(u) {
			y := float64(x) - float64(t.mean[j])
			weights[j*c.N+u] = float32(2 * beta * y * float64(t.deviation[j]))
			exact[u] -= beta * y * y
		}
		sum += exact[u]
	}
	for u, b := range exact {
		bias[u] = float32(b - sum/float64(c.N))
	}
}

// betaQueries is the maximum number of queries from which Beta is computed.
const betaQueries = 500

// bestBeta returns the β with the least mean loss of the probabilities e^(−β‖q − c‖²) / Σ, found by golden-section search over
// log β.
func (t *Trainer) bestBeta() float64 {
	s := &t.batches.sources[0]
	m := min(betaQueries, s.vectors.N)
	squared, nearest := make([][]float32, m), make([]float64, m)
	parallel.For(m, func(i int) {
		squared[i], nearest[i] = t.toCentroids(s.vectors.Row(i*s.vectors.N/m, make([]float32, t.form.D)))
	})
	scale := 0.
	for _, d := range nearest {
		scale += d / float64(m)
	}
	if scale == 0 {
		scale = 1 // every query is a centroid
	}
	losses := make([]float64, m)
	return goldenSection(1e-2/scale, 1e4/scale, func(beta float64) float64 {
		parallel.For(m, func(i int) { losses[i] = t.lossAt(beta, squared[i], s.labels.Of(i*s.vectors.N/m)) })
		sum := 0.
		for _, l := range losses {
			sum += l
		}
		return sum
	})
}

// toCentroids returns the squared distances of a query from the centroids and the smallest of them.
func (t *Trainer) toCentroids(query []float32) (squared []float32, nearest float64) {
	squared, nearest = make([]float32, t.form.Units), math.Inf(1)
	for u := range squared {
		squared[u] = ann.SquaredL2(query, t.options.Centroids.Row(u))
		nearest = min(nearest, float64(squared[u]))
	}
	return squared, nearest
}

// lossAt returns −log of the mean over the labels of the probability e^(−β·squared) / Σ.
func (t *Trainer) lossAt(beta float64, squared []float32, labels []int32) float64 {
	least := squared[0]
	for _, s := range squared {
		least = min(least, s)
	}
	all, right := 0., 0.
	for _, s := range squared {
		all += math.Exp(-beta * float64(s-least))
	}
	for _, u := range labels {
		right += math.Exp(-beta * float64(squared[u]-least))
	}
	return math.Log(all) - math.Log(max(right, math.SmallestNonzeroFloat64)/float64(len(labels)))
}

// goldenSection returns the minimum of f between from and to, to 1 %, if f has a single minimum there over the logarithm of its
// argument.
func goldenSection(from, to float64, f func(float64) float64) float64 {
	share := (math.Sqrt(5) - 1) / 2
	a, b := math.Log(from), math.Log(to)
	c, d := b-share*(b-a), a+share*(b-a)
	atC, atD := f(math.Exp(c)), f(math.Exp(d))
	for b-a > 0.01 {
		if atC < atD {
			b, d, atD = d, c, atC
			c = b - share*(b-a)
			atC = f(math.Exp(c))
		} else {
			a, c, atC = c, d, atD
			d = a + share*(b-a)
			atD = f(math.Exp(d))
		}
	}
	return math.Exp((a + b) / 2)
}
