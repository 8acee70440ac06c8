package indexfile

import (
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// Space returns the space on which the library searches the graph: the vectors of the file. For the cosine of FAISS and hnswlib,
// which compare normalized vectors by inner product, it is the space of the inner product.
func (x *Index) Space() (hnsw.Space, error) { return hnsw.OnMetric(x.Vectors, x.searched()) }

// searched returns the metric by which the library compares vectors.
func (x *Index) searched() ann.Metric {
	if x.Metric == ann.Cosine && x.Format != USearch {
		return ann.InnerProduct
	}
	return x.Metric
}

// Query returns the vectors as the library compares them with its own: normalized for the cosine of FAISS and hnswlib, rounded
// to the type of the coordinates of usearch.
func (x *Index) Query(v ann.Vectors) (ann.Vectors, error) {
	if v.D != x.Vectors.D {
		return v, fmt.Errorf("%s: queries have %d dimensions, the index has %d", x.Path, v.D, x.Vectors.D)
	}
	if x.searched() != x.Metric {
		return ann.Normalized(v)
	}
	if !x.Rounded() {
		return v, nil
	}
	rounded := ann.Vectors{N: v.N, D: v.D, Data: make([]float32, len(v.Data))}
	for i, a := range v.Data {
		rounded.Data[i] = x.scalar.round(a)
	}
	return ann.NewVectors(rounded.N, rounded.D, rounded.Data)
}

// Rounded reports whether the file holds its vectors with fewer digits than float32.
func (x *Index) Rounded() bool { return x.scalar != nil && x.scalar.name != "f32" }
