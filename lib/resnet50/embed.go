package resnet50

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"anncapacity/lib/ann"
	"anncapacity/lib/images"
	"anncapacity/lib/internal/interrupt"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/progress"
)

// Embed has three phases. It hashes the content of every image. It computes the embeddings that the cache lacks, batch by
// batch; the next batch is decoded while one is computed. It reads all embeddings from the cache. An interruption loses at
// most one batch.

const (
	defaultBatch     = 32
	calibrationCount = 32
)

// EmbedOptions holds the arguments of Embed.
type EmbedOptions struct {
	Dataset    images.Dataset
	Weights    *Weights
	Preprocess Preprocess
	Batch      int       // images computed together; zero means 32
	CacheDir   string    // zero means DefaultCache()
	Progress   io.Writer // nil means no output
}

// Embed returns the embeddings of a dataset, n × 2048; row i belongs to image i. Images of the same content are computed
// once. Untrained weights are calibrated first, on 32 images spread evenly over the dataset.
func Embed(ctx context.Context, o EmbedOptions) (ann.Vectors, error) {
	o, err := o.complete()
	if err != nil {
		return ann.Vectors{}, err
	}
	sums, err := ContentSums(ctx, o.Dataset)
	if err != nil {
		return ann.Vectors{}, err
	}
	if o.Weights.Untrained {
		if o.Weights, err = calibrated(ctx, o, sums); err != nil {
			return ann.Vectors{}, err
		}
	}
	c, err := openCache(o.CacheDir, cacheKey(o.Weights, o.Preprocess))
	if err != nil {
		return ann.Vectors{}, err
	}
	defer c.close()
	if err := o.fill(ctx, c, sums); err != nil {
		return ann.Vectors{}, err
	}
	return c.vectors(sums)
}

// complete replaces zero values and checks the others.
func (o EmbedOptions) complete() (EmbedOptions, error) {
	if o.Dataset.Len() == 0 {
		return o, fmt.Errorf("dataset %s holds no images", o.Dataset.Name())
	}
	if err := o.Preprocess.Check(); err != nil {
		return o, err
	}
	if o.Batch == 0 {
		o.Batch = defaultBatch
	}
	if o.Batch < 1 {
		return o, fmt.Errorf("batch %d: must be at least 1", o.Batch)
	}
	if o.CacheDir == "" {
		var err error
		if o.CacheDir, err = DefaultCache(); err != nil {
			return o, err
		}
	}
	return o, nil
}

// ContentSums returns the SHA-256 of the content of every image of a dataset.
func ContentSums(ctx context.Context, d images.Dataset) ([]sum, error) {
	sums := make([]sum, d.Len())
	hash := func(i int) error {
		content, err := d.Content(i)
		sums[i] = sha256.Sum256(content)
		return err
	}
	return sums, parallel.Each(ctx, len(sums), func() (func(i int) error, error) { return hash, nil })
}

// calibrated returns the weights, calibrated on images spread evenly over the dataset.
func calibrated(ctx context.Context, o EmbedOptions, sums []sum) (*Weights, error) {
	rows := calibrationRows(len(sums))
	crops := make([]uint8, len(rows)*cropBytes)
	if err := o.crops(ctx, crops, rows, sums); err != nil {
		return nil, err
	}
	return interrupt.Wait(ctx, func() (*Weights, error) { return o.Weights.Calibrate(crops) })
}

// calibrationRows returns the rows of the images on which untrained weights are calibrated, of n images.
func calibrationRows(n int) []int {
	rows := make([]int, min(calibrationCount, n))
	for i := range rows {
		rows[i] = i * n / len(rows)
	}
	return rows
}

// missing returns, for every content that the cache lacks, the first row that has it.
func (c *cache) missing(sums []sum) []int {
	var rows []int
	seen := map[sum]bool{}
	for i, s := range sums {
		if _, ok := c.at[s]; !ok && !seen[s] {
			seen[s] = true
			rows = append(rows, i)
		}
	}
	return rows
}

// fill computes the embeddings that the cache lacks and adds them to it.
func (o EmbedOptions) fill(ctx context.Context, c *cache, sums []sum) error {
	rows := c.missing(sums)
	if len(rows) == 0 {
		return nil
	}
	model, err := NewModel(o.Weights, o.Batch)
	if err != nil {
		return err
	}
	defer model.Close()
	if cached := len(sums) - len(rows); cached > 0 && o.Progress != nil {
		fmt.Fprintf(o.Progress, "%d of %d images are in the cache already or are copies of other images\n", cached, len(sums))
	}
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan batch)
	group.Go(func() error {
		defer close(batches)
		return o.prepare(ctx, batches, rows, sums)
	})
	group.Go(func() error {
		return o.compute(ctx, c, model, batches, progress.New(o.Progress, "embedding", len(rows), "images"))
	})
	return group.Wait()
}

// batch holds crops for the network. A partial batch is filled up with black crops.
type batch struct {
	sums  []sum
	crops []uint8 // Batch × 224 × 224 × 3
}

// prepare decodes the images of rows and sends them in batches, one batch ahead of the receiver.
func (o EmbedOptions) prepare(ctx context.Context, out chan<- batch, rows []int, sums []sum) error {
	for start := 0; start < len(rows); start += o.Batch {
		part := rows[start:min(start+o.Batch, len(rows))]
		b := batch{crops: make([]uint8, o.Batch*cropBytes)}
		if err := o.crops(ctx, b.crops, part, sums); err != nil {
			return err
		}
		for _, row := range part {
			b.sums = append(b.sums, sums[row])
		}
		select {
		case out <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// compute embeds batches and adds each to the cache before it computes the next.
func (o EmbedOptions) compute(ctx context.Context, c *cache, model *Model, batches <-chan batch, bar *progress.Bar) error {
	defer bar.Stop()
	for b := range batches {
		if err := ctx.Err(); err != nil {
			return err
		}
		features, err := model.Features(b.crops)
		if err != nil {
			return err
		}
		if err := c.add(b.sums, features[:len(b.sums)*Features]); err != nil {
			return err
		}
		bar.Add(len(b.sums))
	}
	return ctx.Err()
}

// crops writes the crops of the given rows of the dataset to out, in the order of rows.
func (o EmbedOptions) crops(ctx context.Context, out []uint8, rows []int, sums []sum) error {
	crop := func(i int) error {
		row := rows[i]
		rgb, err := decode(o.Dataset, row, sums[row])
		if err != nil {
			return fmt.Errorf("%s: %s: %w", o.Dataset.Name(), o.Dataset.ID(row), err)
		}
		copy(out[i*cropBytes:], o.Preprocess.Crop(rgb))
		return nil
	}
	return parallel.Each(ctx, len(rows), func() (func(i int) error, error) { return crop, nil })
}

// decode reads and decodes an image. It returns an error if the SHA-256 of the content is not want.
func decode(d images.Dataset, row int, want sum) (*images.RGB, error) {
	content, err := d.Content(row)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(content) != want {
		return nil, fmt.Errorf("changed while the dataset was being embedded")
	}
	return d.Decode(content)
}
