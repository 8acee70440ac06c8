package words

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
)

// An Answer holds the words most similar to one word, as one search method found them.
type Answer struct {
	Word    string
	Method  Method
	Leaves  int // the budget of leaves; 0 means none
	Visited int // number of points whose distance was computed
	Similar []Similarity
}

// A Similarity is a word and its cosine similarity to the query word, −1 … 1.
type Similarity struct {
	Word   string
	Cosine float64
}

// An Index searches words by cosine similarity, in all dimensions.
type Index struct {
	words *Words
	unit  set
}

// NewIndex returns an index of normalized vectors, for which L2 gives the order of the cosine.
func NewIndex(w *Words) (*Index, error) {
	unit, err := ann.Normalized(w.Vectors)
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	return &Index{w, newSet(unit)}, nil
}

// Similar returns the k words most similar to each of words, once for each search method: brute force, the exact searches of
// the tree, and one for each budget of leaves.
func (x *Index) Similar(ctx context.Context, words []string, k int, leaves ...int) ([]Answer, error) {
	var answers []Answer
	for _, word := range words {
		row, err := x.words.Row(word)
		if err != nil {
			return nil, err
		}
		truth, _, err := x.unit.bruteForce(ctx, []int32{row}, k)
		if err != nil {
			return nil, fmt.Errorf("words: %w", err)
		}
		ids := make([]int32, len(truth[0]))
		for i, n := range truth[0] {
			ids[i] = n.ID
		}
		answers = append(answers, Answer{word, BruteForce, 0, x.unit.base.N, x.similar(row, ids)})
		for _, way := range ways(x.unit.tree, leaves) {
			found := way.search(x.unit.base.Row(int(row)), k+1)
			answers = append(answers, Answer{word, way.method, way.leaves, found.Visited, x.similar(row, others(found.IDs, row, k))})
		}
	}
	return answers, ctx.Err()
}

func (x *Index) similar(row int32, ids []int32) []Similarity {
	list := make([]Similarity, len(ids))
	for i, id := range ids {
		distance := ann.Cosine.Distance(x.words.Vectors.Row(int(row)), x.words.Vectors.Row(int(id)))
		list[i] = Similarity{x.words.Names[id], 1 - float64(distance)}
	}
	return list
}
