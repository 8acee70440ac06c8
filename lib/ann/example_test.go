package ann_test

import (
	"fmt"

	"anncapacity/lib/ann"
)

// An answer is sorted by distance, ties by ID, and is shorter than k where an engine found fewer.
func Example() {
	base, err := ann.NewVectors(4, 2, []float32{0, 0, 3, 4, 0, 1, 1, 0})
	if err != nil {
		panic(err)
	}
	query := ann.Point(base, 0)
	self, _ := query.Self()
	var list ann.Neighbors
	for id := range int32(4) {
		if id != self {
			list = append(list, ann.Neighbor{ID: id, Distance: ann.L2(query.Vector, base.Row(int(id)))})
		}
	}
	list.Sort()
	fmt.Println(list)
	fmt.Println(ann.CheckQuery(query, 4, base.N, base.D))
	// Output:
	// [{2 1} {3 1} {1 5}]
	// k = 4: must be between 1 and 3, the number of points other than the query
}

func ExampleMetric_Distance() {
	a, b := []float32{1, 0}, []float32{1, 2}
	for _, metric := range ann.Metrics {
		fmt.Printf("%v %.3f\n", metric, metric.Distance(a, b))
	}
	// Output:
	// euclidean 2.000
	// cosine 0.553
	// inner product -1.000
}
