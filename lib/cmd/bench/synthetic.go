package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/parallel"
)

// Parameters of the synthetic embeddings. Their latent vectors have one mean for each class and a spectrum that decreases like
// that of a network's features. A random layer and a rectifier map them to 2048 coordinates, of which none is negative and a
// fifth is zero. Their local intrinsic dimension, 19 over 100 neighbours, equals that of the ResNet-50 embeddings of 13,394
// photographs.
const (
	syntheticSeed = 1
	dimensions    = 2048
	latent        = 128
	classes       = 10
	ofClass       = 0.7 // length of a class's mean relative to the standard deviation within the class
	offset        = 1.0 // added before the rectifier, in standard deviations within a class
	ofCoordinate  = 0.5 // standard deviation of the offset over coordinates
	exponent      = 1.5 // applied after the rectifier, because activations are skewed
	amplitude     = 0.12
)

func syntheticName(n int) string {
	return fmt.Sprintf("synthetic: %s × %d, %d classes, %d latent dimensions, a random rectified layer, seed %d", thousands(n), dimensions, classes, latent, syntheticSeed)
}

func writeSynthetic(path string, n int) error {
	return embedding.Write(path, synthetic(n), make([]embedding.Row, n))
}

// synthetic returns n vectors of 2048 coordinates. Row i is of class i mod 10 and depends only on i and the seed.
func synthetic(n int) ann.Vectors {
	rng := rand.New(rand.NewPCG(syntheticSeed, 0))
	deviations := spectrum()
	means, layer := normal(rng, classes*latent), normal(rng, dimensions*latent)
	offsets := normal(rng, dimensions)
	v := ann.Vectors{N: n, D: dimensions, Data: make([]float32, n*dimensions)}
	parallel.For(n, func(i int) {
		z := normal(rand.New(rand.NewPCG(syntheticSeed, uint64(i)+1)), latent)
		for j, mean := range means[i%classes*latent:][:latent] {
			z[j] = deviations[j] * (z[j] + ofClass*mean)
		}
		for j, row := 0, v.Row(i); j < dimensions; j++ {
			activation := offset + ofCoordinate*float64(offsets[j])
			for l, weight := range layer[j*latent:][:latent] {
				activation += float64(weight * z[l])
			}
			row[j] = float32(amplitude * math.Pow(max(0, activation), exponent))
		}
	})
	return v
}

// spectrum returns the standard deviations of the latent dimensions. The variances decrease as 1, 1/2, 1/3 … and sum to 1.
func spectrum() []float32 {
	sum := 0.0
	for j := range latent {
		sum += 1 / float64(j+1)
	}
	deviations := make([]float32, latent)
	for j := range deviations {
		deviations[j] = float32(math.Sqrt(1 / float64(j+1) / sum))
	}
	return deviations
}

// normal returns n numbers drawn from the standard normal distribution.
func normal(rng *rand.Rand, n int) []float32 {
	drawn := make([]float32, n)
	for i := range drawn {
		drawn[i] = float32(rng.NormFloat64())
	}
	return drawn
}
