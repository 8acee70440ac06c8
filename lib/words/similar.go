package words

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
)

// Answer is the words most like one, as one way of searching found them.
type Answer struct {
	Word    string
	Method  Method
	Leaves  int // the budget; 0 means none
	Visited int // points whose distance was computed
	Similar []Similarity
}

// Similarity is a word and its cosine with the word asked for, −1 … 1.
type Similarity struct {
	Word   string
	Cosine float64
}

// Index searches words by the cosine, in all dimensions.
type Index struct {
	words *Words
	unit  set
}

// NewIndex builds the tree on vectors of length 1, where L2 orders as the cosine does.
func NewIndex(w *Words) (*Index, error) {
	unit, err := ann.Normalized(w.Vectors)
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	return &Index{w, newSet(unit)}, nil
}

// Similar asks every way of searching for the k words most like each of the words: brute force, the exact tree, and one
// for each budget of leaves.
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
