package resnet50

import (
	"context"
	"crypto/sha256"

	"golang.org/x/sync/errgroup"

	"anncapacity/lib/ann"
	"anncapacity/lib/images"
)

// Embedder computes embeddings without a cache, the same as Embed. It keeps the compiled network.
type Embedder struct {
	o     EmbedOptions
	model *Model
}

// NewEmbedder returns an Embedder of the images of o.Dataset. Untrained weights are calibrated first, as by Embed. The cache and the
// progress of the options are not used.
func NewEmbedder(ctx context.Context, o EmbedOptions) (*Embedder, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	if o.Weights.Untrained {
		sums := make([]sum, o.Dataset.Len()) // of the images on which the weights are calibrated
		for _, row := range calibrationRows(len(sums)) {
			content, err := o.Dataset.Content(row)
			if err != nil {
				return nil, err
			}
			sums[row] = sha256.Sum256(content)
		}
		if o.Weights, err = calibrated(ctx, o, sums); err != nil {
			return nil, err
		}
	}
	model, err := NewModel(o.Weights, o.Batch)
	return &Embedder{o, model}, err
}

// Embed returns the embeddings of some images, which may be images of another dataset than that of NewEmbedder; row i belongs to image
// i. sums holds the SHA-256 of the content of each: it is an error if the content has changed.
func (e *Embedder) Embed(ctx context.Context, some images.Dataset, sums [][sha256.Size]byte) (ann.Vectors, error) {
	o := e.o
	o.Dataset = some
	rows := make([]int, len(sums))
	for i := range rows {
		rows[i] = i
	}
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan batch)
	group.Go(func() error {
		defer close(batches)
		return o.prepare(ctx, batches, rows, sums)
	})
	data := make([]float32, 0, len(sums)*Features)
	group.Go(func() error {
		for b := range batches {
			computed, err := e.model.Features(b.crops)
			if err != nil {
				return err
			}
			data = append(data, computed[:len(b.sums)*Features]...)
		}
		return ctx.Err()
	})
	if err := group.Wait(); err != nil {
		return ann.Vectors{}, err
	}
	return ann.NewVectors(len(sums), Features, data)
}

// Close frees the compiled network.
func (e *Embedder) Close() { e.model.Close() }
