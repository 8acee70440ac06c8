package advise_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"anncapacity/lib/advise"
	"anncapacity/lib/ann"
)

// The example determines the efSearch that finds 95 % of the 10 nearest neighbours among 500 Gaussian vectors, with 95 % confidence.
func ExampleRun() {
	random := rand.New(rand.NewPCG(1, 0))
	base := ann.Vectors{N: 500, D: 32, Data: make([]float32, 500*32)}
	for i := range base.Data {
		base.Data[i] = float32(random.NormFloat64())
	}
	report, err := advise.Run(context.Background(), advise.Options{Base: base, K: []int{10}, Recall: .95, M: []int{8}, Builds: 1, Seed: 42})
	if err != nil {
		panic(err)
	}
	mean := report.Indexes[0].Mean
	fmt.Printf("efSearch %d: recall %.3f, lower bound %.3f\n", mean.EfSearch, mean.Recall, mean.Bound)
	// Output: efSearch 18: recall 0.964, lower bound 0.953
}
