package embedding_test

import (
	"fmt"
	"os"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
)

// Embeddings are stored as a file of vectors and a table that gives the image and the class of each row.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "e.npy")
	v := ann.Vectors{N: 2, D: 3, Data: []float32{1, 2, 3, 4, 5, 6}}
	if err := embedding.Write(path, v, []embedding.Row{{Image: "cat/1.jpg", Class: "cat"}, {Image: "dog/1.jpg", Class: "dog"}}); err != nil {
		panic(err)
	}
	back, err := embedding.Open(path)
	if err != nil {
		panic(err)
	}
	rows, err := embedding.OpenRows(path)
	if err != nil {
		panic(err)
	}
	fmt.Println(back.N, back.D, back.Row(1), rows[1].Class)
	_, err = embedding.Open(filepath.Join(dir, "e.csv"))
	fmt.Println(err != nil)
	// Output:
	// 2 3 [4 5 6] dog
	// true
}
