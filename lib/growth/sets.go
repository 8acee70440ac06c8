package growth

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/words"
)

// Names of the sets.
const (
	Clustered   = "clustered"
	Words       = "words"
	Photographs = "photographs"
)

// set is a source of vectors.
type set struct {
	name  string
	most  int // most points, apart from the queries
	about string
	open  func(n int, file string) (ann.Vectors, error) // the first n vectors
}

// Parameters of the made sets.
const (
	clusteredDimensions = 128
	clusteredCentres    = 10000
	clusteredLatent     = 32 // dimensions of the vectors around a centre
	clusteredSpread     = .6 // standard deviation around a centre, relative to that of the centres

	projectedDimensions = 768
	noise               = .5 // standard deviation of the noise, relative to that of a coordinate
)

var sets = []set{
	{Clustered, 1 << 30, fmt.Sprintf("made: %d centres in %d dimensions, and around each vectors in %d random directions", clusteredCentres, clusteredDimensions, clusteredLatent),
		func(n int, _ string) (ann.Vectors, error) { return clustered(n), nil }},
	{Words, 400000 - Queries, "GloVe 6B, 50 dimensions, in random order", func(n int, _ string) (ann.Vectors, error) { return glove(n) }},
	{Photographs, 1 << 30, fmt.Sprintf("embeddings of photographs under a random projection to %d dimensions, repeated with normal noise of %v of a "+
		"coordinate's standard deviation", projectedDimensions, noise), photographs},
}

func setNamed(name string) (set, error) {
	var names []string
	for _, s := range sets {
		if s.name == name {
			return s, nil
		}
		names = append(names, s.name)
	}
	return set{}, fmt.Errorf("growth: set %q: want one of %s", name, strings.Join(names, ", "))
}

// About describes a set for a page.
func About(name string) (string, error) {
	s, err := setNamed(name)
	return s.about, err
}

// Available returns an error if the vectors of a set cannot be had here. file is that of the embeddings of Photographs.
func Available(name, file string) (err error) {
	switch name {
	case Words:
		_, err = words.Open()
	case Photographs:
		_, err = os.Stat(file)
	}
	return err
}

// Vectors returns the points of a set and its queries, the vectors that follow the points. file is that of the embeddings of
// Photographs.
func Vectors(name string, points, queries int, file string) (base, asked ann.Vectors, err error) {
	s, err := setNamed(name)
	if err != nil {
		return base, asked, err
	}
	v, err := s.open(points+queries, file)
	if err != nil {
		return base, asked, fmt.Errorf("growth: the set %s: %w", s.name, err)
	}
	base = ann.Vectors{N: points, D: v.D, Data: v.Data[:points*v.D]}
	return base, ann.Vectors{N: queries, D: v.D, Data: v.Data[points*v.D:][:queries*v.D]}, nil
}

// clustered returns n vectors. Row i depends only on i.
func clustered(n int) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 0))
	centres := normal(rng, clusteredCentres*clusteredDimensions)
	directions := normal(rng, clusteredLatent*clusteredDimensions)
	v := ann.Vectors{N: n, D: clusteredDimensions, Data: make([]float32, n*clusteredDimensions)}
	scale := float32(clusteredSpread / math.Sqrt(clusteredLatent))
	parallel.For(n, func(i int) {
		own := rand.New(rand.NewPCG(seed, uint64(i)+1))
		row := v.Row(i)
		copy(row, centres[own.IntN(clusteredCentres)*clusteredDimensions:])
		for l := range clusteredLatent {
			z := scale * float32(own.NormFloat64())
			for j, x := range directions[l*clusteredDimensions:][:clusteredDimensions] {
				row[j] += z * x
			}
		}
	})
	return v
}

func normal(rng *rand.Rand, n int) []float32 {
	drawn := make([]float32, n)
	for i := range drawn {
		drawn[i] = float32(rng.NormFloat64())
	}
	return drawn
}

// glove returns n vectors of words, drawn at random.
func glove(n int) (ann.Vectors, error) {
	w, err := words.Open()
	if err != nil {
		return ann.Vectors{}, err
	}
	if n > w.Vectors.N {
		return ann.Vectors{}, fmt.Errorf("%d vectors are needed, there are %d", n, w.Vectors.N)
	}
	ids := make([]int32, w.Vectors.N)
	for i := range ids {
		ids[i] = int32(i)
	}
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return w.Vectors.Subset(slices.Clone(ids[:n]))
}

// photographs returns n vectors: row i is the projection of row i mod N of a file of embeddings, with noise.
func photographs(n int, path string) (ann.Vectors, error) {
	given, err := embedding.Open(path)
	if err != nil {
		return ann.Vectors{}, err
	}
	few, err := words.Project(given, words.Random, projectedDimensions, seed)
	if err != nil {
		return ann.Vectors{}, err
	}
	v := ann.Vectors{N: n, D: few.D, Data: make([]float32, n*few.D)}
	deviation := float32(noise * spread(few))
	parallel.For(n, func(i int) {
		row := v.Row(i)
		copy(row, few.Row(i%few.N))
		own := rand.New(rand.NewPCG(seed, uint64(i)))
		for j := range row {
			row[j] += deviation * float32(own.NormFloat64())
		}
	})
	return v, nil
}

// spread returns the standard deviation of a coordinate, over all coordinates.
func spread(v ann.Vectors) float64 {
	means := make([]float64, v.D)
	squares := 0.
	for i := range v.N {
		for j, x := range v.Row(i) {
			means[j] += float64(x) / float64(v.N)
			squares += float64(x) * float64(x) / float64(len(v.Data))
		}
	}
	for _, m := range means {
		squares -= m * m / float64(v.D)
	}
	return math.Sqrt(squares)
}
