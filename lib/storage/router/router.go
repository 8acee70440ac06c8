// Package router trains and evaluates a network that predicts, for a query, which unit of a layout holds its nearest neighbour.
//
// It follows Ikeda, Miyashita and Deguchi, "On Storage Neural Network Augmented Approximate Nearest Neighbor Search",
// arXiv 2501.16375: a perceptron of three layers, trained by cross entropy on queries with Gaussian noise. The paper gives neither
// the width, the activation, the optimiser, the noise nor the learning rate. These are fields of Options, and each has a
// documented default. Soft labels, a direct linear layer that starts from the centroids, a network without hidden layers and base
// vectors as additional queries are not in the paper.
//
// The network is trained with GoMLX: its loss functions, its Adam and its cosine schedule. Training is deterministic: equal
// inputs, options and seed give equal weights on the same machine for every GOMAXPROCS, whether or not the training was
// interrupted. The weights were also equal on one and on two processors, with XLA's products on one and on several threads
// (--xla_cpu_multi_thread_eigen). This project's default is one thread for a product. A step therefore computes parts of a batch
// in parallel.
package router

import (
	"context"

	"anncapacity/lib/ann"
)

// Train returns a network that is trained on the learn queries for Options.Epochs epochs. labels holds the units of every query.
// If Options.Checkpoint is set, Train resumes an interrupted training of the same inputs and options.
//
// It is an error if there are no queries, the dimensions differ, a coordinate is not finite, a label is out of range, or the loss
// becomes NaN or infinite.
func Train(ctx context.Context, learn ann.Coordinates, labels Labels, o Options) (*Network, error) {
	t, err := NewTrainer(learn, labels, o)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if err := t.Train(ctx, t.Epochs()); err != nil {
		return nil, err
	}
	return t.Network()
}
