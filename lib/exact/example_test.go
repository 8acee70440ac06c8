package exact_test

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
)

// The two nearest neighbours of every point. Point 3 is a copy of point 0, which is its neighbour at distance 0.
func ExampleIndex_SearchAll() {
	base := ann.Vectors{N: 4, D: 2, Data: []float32{0, 0, 3, 4, 0, 1, 0, 0}}
	lists, err := exact.New(base).SearchAll(context.Background(), 2)
	if err != nil {
		panic(err)
	}
	for id, list := range lists {
		fmt.Println(id, list)
	}
	// Output:
	// 0 [{3 0} {2 1}]
	// 1 [{2 4.2426405} {0 5}]
	// 2 [{0 1} {3 1}]
	// 3 [{0 0} {2 1}]
}

func ExampleNewMetric() {
	base := ann.Vectors{N: 3, D: 2, Data: []float32{1, 0, 0, 2, 5, 5}}
	index, err := exact.NewMetric(base, ann.Cosine)
	if err != nil {
		panic(err)
	}
	list, err := index.Search(ann.Query{Vector: []float32{0, 1}}, 2)
	if err != nil {
		panic(err)
	}
	for _, n := range list {
		fmt.Printf("%d %.3f\n", n.ID, n.Distance)
	}
	// Output:
	// 1 0.000
	// 2 0.293
}
