package scale

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/images"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/sealed"
	"anncapacity/lib/resnet50"
)

// EmbedOptions describe embeddings of photographs for a plan.
type EmbedOptions struct {
	Dataset string // as images.Open reads it
	Weights string // as resnet50.OpenWeights reads them
	Images  int    // the first photographs; 0 means all
	Resize  int    // zero means 256
	Batch   int    // zero means 32
	Block   int    // photographs of a task; zero means 1024
}

const (
	defaultResize = 256
	defaultBatch  = 32
	defaultBlock  = 1024
)

// PlanEmbed returns the plan of embeddings. It reads every photograph once, because their contents are part of the names of the tasks.
func PlanEmbed(ctx context.Context, o EmbedOptions) (*Plan, error) {
	for value, zero := range map[*int]int{&o.Resize: defaultResize, &o.Batch: defaultBatch, &o.Block: defaultBlock} {
		if *value == 0 {
			*value = zero
		}
	}
	dataset, err := images.Open(ctx, o.Dataset)
	if err != nil {
		return nil, err
	}
	if o.Images == 0 {
		o.Images = dataset.Len()
	}
	if o.Images > dataset.Len() {
		return nil, fmt.Errorf("%s: %d photographs are asked for, there are %d", o.Dataset, o.Images, dataset.Len())
	}
	weights, err := resnet50.OpenWeights(ctx, o.Weights)
	if err != nil {
		return nil, err
	}
	network := weights.Hash()
	e := &Embed{
		Dataset: o.Dataset, Images: o.Images, Weights: o.Weights, Network: hex.EncodeToString(network[:8]),
		Resize: o.Resize, Batch: o.Batch, Block: o.Block,
	}
	e.Names = names(dataset, e.Images)
	if e.sums, err = resnet50.ContentSums(ctx, images.Range(dataset, 0, e.Images)); err != nil {
		return nil, err
	}
	e.photographs = photographs(dataset, e.Images, 0, e.sums)
	if e.Block > 0 {
		e.setContents()
	}
	p := &Plan{Version: Version, Kind: KindEmbed, Embed: e}
	return p, p.Check()
}

// names returns a hash of the names and classes of the first n photographs.
func names(d images.Dataset, n int) string {
	return parts.Key(func(sum io.Writer) {
		for i := range n {
			fmt.Fprintf(sum, "%q %q\n", d.ID(i), d.Class(i))
		}
	})
}

// photographs returns the first n photographs, with the hashes of those from the given one on.
func photographs(d images.Dataset, n, from int, sums [][sha256.Size]byte) []item {
	all := make([]item, n)
	for i := range all {
		all[i].Name = d.ID(i)
		if i >= from && i < from+len(sums) {
			all[i].Version = hex.EncodeToString(sums[i-from][:8])
		}
	}
	return all
}

// contents returns a hash of the hashes of photographs.
func contents(sums [][sha256.Size]byte) string {
	return parts.Key(func(sum io.Writer) { fmt.Fprintf(sum, "%x\n", sums) })
}

// open opens the dataset of the given name and compares the names of its photographs with the plan.
func (e *Embed) open(ctx context.Context, name string) (images.Dataset, error) {
	d, err := images.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	if d.Len() < e.Images || names(d, e.Images) != e.Names {
		text := fmt.Sprintf("%s: the photographs are not those of the plan: some were added, removed or renamed", name)
		return nil, &changedError{text, e.inventory(), photographs(d, min(d.Len(), e.Images), 0, nil)}
	}
	return images.Range(d, 0, e.Images), nil
}

// embedTask computes tasks of embeddings.
type embedTask struct {
	*Work
	plan     *Embed
	dataset  images.Dataset
	embedder *resnet50.Embedder
}

func openEmbed(ctx context.Context, work *Work, at Places) (_ *embedTask, err error) {
	x := &embedTask{Work: work, plan: work.Plan.Embed}
	if x.dataset, err = x.plan.open(ctx, at.Data); err != nil {
		return nil, err
	}
	weights, err := resnet50.OpenWeights(ctx, at.Weights)
	if err != nil {
		return nil, err
	}
	if network := weights.Hash(); hex.EncodeToString(network[:8]) != x.plan.Network {
		return nil, fmt.Errorf("%s: the weights are not those of the plan", at.Weights)
	}
	x.embedder, err = resnet50.NewEmbedder(ctx, resnet50.EmbedOptions{
		Dataset: x.dataset, Weights: weights, Preprocess: resnet50.Preprocess{Resize: x.plan.Resize}, Batch: x.plan.Batch,
	})
	return x, err
}

// result checks that the photographs of a task are those of the plan, and embeds them.
func (x *embedTask) result(ctx context.Context, i int, task string) ([]byte, error) {
	s := x.plan.block(i)
	sums, err := resnet50.ContentSums(ctx, images.Range(x.dataset, s.from, s.to))
	if err != nil {
		return nil, err
	}
	if contents(sums) != x.plan.Contents[i] {
		text := fmt.Sprintf("photographs %d to %d (%s to %s) are not those of the plan: some were changed",
			s.from, s.to-1, x.dataset.ID(s.from), x.dataset.ID(s.to-1))
		return nil, &changedError{text, x.plan.inventory(), photographs(x.dataset, x.plan.Images, s.from, sums)}
	}
	v, err := x.embedder.Embed(ctx, images.Range(x.dataset, s.from, s.to), sums)
	if err != nil {
		return nil, err
	}
	return sealed.Seal(resultKind, header{task, s.len()}, v.Data)
}

func (x *embedTask) stored(ctx context.Context, i int, task string) error {
	_, err := x.embeddings(ctx, task, x.plan.block(i).len())
	return err
}

// unchanged returns nil: every photograph was compared with the plan when it was decoded.
func (x *embedTask) unchanged(context.Context) error { return nil }

func (x *embedTask) close() error {
	x.embedder.Close()
	return nil
}

// mergeEmbeddings writes FILE.npy and FILE.csv.
func (w *Work) mergeEmbeddings(ctx context.Context, out string) error {
	e, all := w.Plan.Embed, &DamagedError{}
	v := ann.Vectors{N: e.Images, D: features}
	for i, task := range w.Plan.Tasks() {
		data, err := w.embeddings(ctx, task, e.block(i).len())
		if err = all.note(err); err != nil {
			return err
		}
		v.Data = append(v.Data, data...)
	}
	if len(all.Tasks) > 0 {
		return all
	}
	return w.Plan.reach(func(at Places) error {
		dataset, err := e.open(ctx, at.Data)
		if err != nil {
			return w.explain(ctx, err)
		}
		return embedding.Write(out, v, embedding.Rows(dataset))
	})
}
