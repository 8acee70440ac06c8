package hnsw_test

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// One walk gives the answers for every k and efSearch under every policy. The example requests 12 neighbours of point 0 on a
// line of 100 points at efSearch 4.
func Example() {
	line := ann.Vectors{N: 100, D: 1, Data: make([]float32, 100)}
	for i := range line.Data {
		line.Data[i] = float32(i)
	}
	space := hnsw.OnVectors(line)
	graph, err := hnsw.Build(context.Background(), space, hnsw.Options{M: 2, EfConstruction: 20, Seed: 1})
	if err != nil {
		panic(err)
	}
	walker, err := hnsw.NewWalker(graph, space)
	if err != nil {
		panic(err)
	}
	query := ann.PointID(0)
	walk, err := walker.Walk(query, hnsw.Raise.Terms(12, 4, query).EfSearch)
	if err != nil {
		panic(err)
	}
	for _, policy := range hnsw.Policies {
		list, err := walk.Answer(policy, 12, 4)
		fmt.Println(policy, len(list), err)
	}
	// Output:
	// Pad 6 <nil>
	// Raise 12 <nil>
	// Truncate 3 <nil>
	// Reject 0 hnsw: k exceeds efSearch, and the policy is to reject that: k = 13, efSearch = 4
}
