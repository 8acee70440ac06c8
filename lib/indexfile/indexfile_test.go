package indexfile

import (
	"math/rand/v2"

	"anncapacity/lib/ann"
)

func gaussian(n, d int, seed uint64) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(rng.NormFloat64())
	}
	return v
}
