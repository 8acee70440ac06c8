package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"anncapacity/lib/embedding"
	"anncapacity/lib/images"
	"anncapacity/lib/internal/interrupt"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/resnet50"
)

func embedCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	o := resnet50.EmbedOptions{Progress: os.Stderr}
	dataset := flags.String("dataset", "", "generated, imagenette, stl10 or a `folder` of photographs (required)")
	weights := flags.String("weights", "", "untrained, imagenet1k_v2, imagenet1k_v1 or a `file`, .safetensors or a state dict by torch.save; FILE:PREFIX takes one of several networks (required)")
	out := flags.String("out", "", "`FILE.npy`, n × 2048 float32; FILE.csv beside it names the rows (required)")
	limit := flags.Int("limit", 0, "embed the first `N` images only; 0 means all")
	flags.IntVar(&o.Batch, "batch", 32, "`images` computed together")
	flags.IntVar(&o.Preprocess.Resize, "resize", 256, "`pixels` of the short side before the crop of 224")
	flags.StringVar(&o.CacheDir, "cache", "", "`folder` that keeps embeddings between runs (default: embeddings in the program's home)")
	if err := parse(flags, args, "dataset", "weights", "out"); err != nil {
		return err
	}
	var err error
	if o.CacheDir == "" {
		if o.CacheDir, err = resnet50.DefaultCache(); err != nil {
			return fmt.Errorf("%w, or name a folder with -cache", err)
		}
	}
	if err := embedPlan([]input{{"dataset", *dataset}, {"weights", *weights}}, *out, o.CacheDir); err != nil {
		return err
	}
	memory.Tune()
	if o.Dataset, err = interrupt.Wait(ctx, func() (images.Dataset, error) { return images.Open(ctx, *dataset) }); err != nil {
		return err
	}
	if o.Dataset, err = first(o.Dataset, *limit); err != nil {
		return err
	}
	if o.Weights, err = interrupt.Wait(ctx, func() (*resnet50.Weights, error) { return resnet50.OpenWeights(ctx, *weights) }); err != nil {
		return err
	}
	for _, note := range o.Weights.Notes {
		fmt.Fprintf(os.Stderr, "%s: %s\n", *weights, note)
	}
	v, err := resnet50.Embed(ctx, o)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(*out), 0o755); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	if err := embedding.Write(*out, v, embedding.Rows(o.Dataset)); err != nil {
		return err
	}
	for _, note := range images.Notes(o.Dataset) {
		fmt.Fprintf(os.Stderr, "%s: %s\n", *dataset, note)
	}
	_, err = fmt.Printf("%d × %d embeddings in %s\n", v.N, v.D, *out)
	return err
}

// embedPlan checks the two files that embed writes, and the folder of the cache.
func embedPlan(reads []input, out, cache string) error {
	if filepath.Ext(out) != ".npy" {
		return fmt.Errorf("-out %s: the name must end in .npy", out)
	}
	if err := checkFolder(cache); err != nil {
		return fmt.Errorf("the cache of embeddings: %w; name another folder with -cache, or set ANNCAPACITY_HOME", err)
	}
	return plan{
		reads: reads, writes: embedding.Outputs(out), folders: []string{filepath.Dir(out)},
		own: func() error { return errors.Join(ownPair(embedding.Outputs(out)), embedding.CheckWrite(out)) },
	}.check()
}

// ownPair returns an error where FILE.npy is there without the FILE.csv that embed writes with it.
func ownPair(outputs []string) error {
	_, vectors := os.Stat(outputs[0])
	_, rows := os.Stat(outputs[1])
	if vectors == nil && rows != nil {
		return fmt.Errorf("-out: %s is there without %s, so this program did not write it and does not replace it: move it or choose another -out", outputs[0], outputs[1])
	}
	return nil
}

// first is the first n images of a dataset, or all when n is 0.
func first(d images.Dataset, n int) (images.Dataset, error) {
	if n < 0 || n > d.Len() {
		return nil, fmt.Errorf("-limit %d: the dataset %s has %d images", n, d.Name(), d.Len())
	}
	if n == 0 {
		return d, nil
	}
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(i)
	}
	return images.Subset(d, ids), nil
}
