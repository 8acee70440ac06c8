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

// embedFlags holds the flags of anncapacity embed.
type embedFlags struct {
	resnet50.EmbedOptions
	dataset, weights, out string
	limit                 int
}

func embedCommand(ctx context.Context, args []string) error {
	f, err := parseEmbed(args)
	if err != nil {
		return err
	}
	if err := embedPlan([]input{{"dataset", f.dataset}, {"weights", f.weights}}, f.out, f.CacheDir); err != nil {
		return err
	}
	memory.Tune()
	if err := f.open(ctx); err != nil {
		return err
	}
	v, err := resnet50.Embed(ctx, f.EmbedOptions)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.out), 0o755); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	if err := embedding.Write(f.out, v, embedding.Rows(f.Dataset)); err != nil {
		return err
	}
	printNotes(f.dataset, images.Notes(f.Dataset))
	_, err = fmt.Printf("%d × %d embeddings in %s\n", v.N, v.D, f.out)
	return err
}

func parseEmbed(args []string) (f embedFlags, err error) {
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	f.Progress = os.Stderr
	flags.StringVar(&f.dataset, "dataset", "", "photographs: generated, imagenette, stl10 or a `folder` (required)")
	flags.StringVar(&f.weights, "weights", "", "untrained, imagenet1k_v2, imagenet1k_v1 or a `file`: .safetensors or a state dict by torch.save; FILE:PREFIX selects one of several networks in a file (required)")
	flags.StringVar(&f.out, "out", "", "`FILE.npy` for the embeddings, n × 2048 float32; FILE.csv names the rows (required)")
	flags.IntVar(&f.limit, "limit", 0, "embed the first `N` images only; 0 means all")
	flags.IntVar(&f.Batch, "batch", 32, "number of `images` that are computed together")
	flags.IntVar(&f.Preprocess.Resize, "resize", 256, "length of the short side in `pixels` before the crop of 224")
	flags.StringVar(&f.CacheDir, "cache", "", "`folder` that keeps embeddings between runs (default: embeddings in the folder of downloads and caches)")
	if err := parse(flags, args, "dataset", "weights", "out"); err != nil {
		return f, err
	}
	if f.CacheDir == "" {
		if f.CacheDir, err = resnet50.DefaultCache(); err != nil {
			return f, fmt.Errorf("%w, or name a folder with -cache", err)
		}
	}
	return f, nil
}

// open opens the dataset and the weights, and prints how the weights differ from torchvision's.
func (f *embedFlags) open(ctx context.Context) (err error) {
	if f.Dataset, err = interrupt.Wait(ctx, func() (images.Dataset, error) { return images.Open(ctx, f.dataset) }); err != nil {
		return err
	}
	if f.Dataset, err = first(f.Dataset, f.limit); err != nil {
		return err
	}
	if f.Weights, err = interrupt.Wait(ctx, func() (*resnet50.Weights, error) { return resnet50.OpenWeights(ctx, f.weights) }); err != nil {
		return err
	}
	printNotes(f.weights, f.Weights.Notes)
	return nil
}

// printNotes prints notes on an input to standard error.
func printNotes(name string, notes []string) {
	for _, note := range notes {
		fmt.Fprintf(os.Stderr, "%s: %s\n", name, note)
	}
}

// embedPlan checks the inputs of embed, the two files that it writes, and the folder of the cache.
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

// ownPair returns an error if FILE.npy exists without FILE.csv, because embed writes both.
func ownPair(outputs []string) error {
	_, vectors := os.Stat(outputs[0])
	_, rows := os.Stat(outputs[1])
	if vectors == nil && rows != nil {
		return fmt.Errorf("-out: %s exists without %s, so this program did not write it and does not replace it: move it or choose another -out", outputs[0], outputs[1])
	}
	return nil
}

// first returns the first n images of a dataset, or all of them if n is 0.
func first(d images.Dataset, n int) (images.Dataset, error) {
	if n < 0 || n > d.Len() {
		return nil, fmt.Errorf("-limit %d: the dataset %s has %d images", n, d.Name(), d.Len())
	}
	if n == 0 {
		return d, nil
	}
	return images.Range(d, 0, n), nil
}
