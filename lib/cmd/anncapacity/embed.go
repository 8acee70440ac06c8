package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"anncapacity/lib/embedding"
	"anncapacity/lib/images"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/resnet50"
)

func embedCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	o := resnet50.EmbedOptions{Progress: os.Stderr}
	dataset := flags.String("dataset", "", "generated, stl10 or a `folder` of photographs (required)")
	weights := flags.String("weights", "", "untrained, imagenet1k_v2, imagenet1k_v1 or a `file`, .safetensors or .pth (required)")
	out := flags.String("out", "", "`FILE.npy`, n × 2048 float32; FILE.csv beside it names the rows (required)")
	limit := flags.Int("limit", 0, "embed the first `N` images only; 0 means all")
	flags.IntVar(&o.Batch, "batch", 32, "`images` computed together")
	flags.IntVar(&o.Preprocess.Resize, "resize", 256, "`pixels` of the short side before the crop of 224")
	flags.StringVar(&o.CacheDir, "cache", "", "`folder` that keeps embeddings between runs (default: embeddings in the program's home)")
	if err := parse(flags, args, "dataset", "weights", "out"); err != nil {
		return err
	}
	if err := writable(*out); err != nil {
		return err
	}
	memory.Tune()
	var err error
	if o.Dataset, err = images.Open(ctx, *dataset); err != nil {
		return err
	}
	if o.Dataset, err = first(o.Dataset, *limit); err != nil {
		return err
	}
	if o.Weights, err = resnet50.OpenWeights(ctx, *weights); err != nil {
		return err
	}
	v, err := resnet50.Embed(ctx, o)
	if err != nil {
		return err
	}
	if err := embedding.Write(*out, v, rows(o.Dataset)); err != nil {
		return err
	}
	fmt.Printf("%d × %d embeddings in %s\n", v.N, v.D, *out)
	return nil
}

// writable fails early where the result could not be written hours later.
func writable(path string) error {
	if filepath.Ext(path) != ".npy" {
		return fmt.Errorf("-out %s: the name must end in .npy", path)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("-out %s is a folder", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("-out %s: %w", path, err)
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".probe-*")
	if err != nil {
		return fmt.Errorf("-out %s cannot be written: %w", path, err)
	}
	probe.Close()
	return os.Remove(probe.Name())
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

// rows says which image each vector is of.
func rows(d images.Dataset) []embedding.Row {
	all := make([]embedding.Row, d.Len())
	for i := range all {
		all[i] = embedding.Row{Image: d.ID(i), Class: d.Class(i)}
	}
	return all
}
