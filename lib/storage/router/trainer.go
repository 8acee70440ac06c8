package router

import (
	"context"
	"fmt"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/gomlx/gomlx/ml/train/optimizer/cosineschedule"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/xla"
)

// parallelParts is the number of parts of a batch that XLA computes in parallel. It is fixed, because the sum of the parts depends
// on it in the last digits. The project runs XLA with products of one thread each. 100 steps of 1,024 queries of 128 dimensions,
// width 256, take 2.4 s of processor time in 1 part, 3.1 s in 2 and 2.7 s in 4 for 512 units; 3.5 s, 3.2 s and 3.5 s for 1,024.
const parallelParts = 2

// Trainer trains a network step by step, so that the labels can change between epochs.
type Trainer struct {
	options         Options
	form            form
	batches         *batches
	mean, deviation []float32
	store           *model.Store // parameters, moments of Adam, counters of steps, state of the random numbers
	exec            *model.Exec
	kind            lossKind
	epoch           int    // epochs done
	checkpoint      string // path, "" means none
}

// NewTrainer checks the inputs and returns a trainer of an untrained network or, if Options.Checkpoint holds a state of the same
// inputs and options, of that state.
func NewTrainer(learn ann.Coordinates, labels Labels, o Options) (*Trainer, error) {
	sources, err := o.sources(learn, labels)
	if err != nil {
		return nil, err
	}
	d := sources[0].vectors.D
	if o, err = o.complete(d); err != nil {
		return nil, err
	}
	for i := range sources {
		if err := sources[i].check(o.Units); err != nil {
			return nil, err
		}
		if i == 0 && learn.N > 0 {
			sources[i].noise = float32(o.Noise)
		}
	}
	t := &Trainer{options: o, batches: newBatches(sources, o.Batch, o.Seed), store: model.NewStore()}
	t.form = form{d, o.Hidden, o.Units, !o.Linear, o.Linear || o.Centroids.N > 0, o.Activation}
	if t.mean, t.deviation, err = t.batches.moments(); err != nil {
		return nil, err
	}
	if err := t.start(); err != nil {
		return nil, err
	}
	return t, t.compile()
}

// sources returns the learn queries and the noisy base, of which one may be missing.
func (o Options) sources(learn ann.Coordinates, labels Labels) ([]source, error) {
	var all []source
	if learn.N > 0 {
		all = append(all, source{vectors: learn, labels: labels})
	}
	if b := o.NoisyBase; b != nil && b.Vectors.N > 0 {
		if !(b.Noise > 0) {
			return nil, fmt.Errorf("router: NoisyBase.Noise %v: must be positive", b.Noise)
		}
		all = append(all, source{b.Vectors, b.Labels, float32(b.Noise)})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("router: there are no learn queries")
	}
	first, last := all[0], all[len(all)-1]
	if a, b := first.vectors, last.vectors; a.D != b.D || a.Width() != b.Width() {
		return nil, fmt.Errorf("router: learn queries of %d numbers of %d bytes and a noisy base of %d numbers of %d bytes: "+
			"must be the same", a.D, a.Width(), b.D, b.Width())
	}
	if (first.labels.Weights == nil) != (last.labels.Weights == nil) {
		return nil, fmt.Errorf("router: of the labels of the learn queries and of the noisy base, only one has weights")
	}
	return all, nil
}

func (s source) check(units int) error {
	if err := checkFinite("learn queries", s.vectors); err != nil {
		return err
	}
	return s.labels.check(s.vectors.N, units)
}

// compile prepares the step for the kind of the labels.
func (t *Trainer) compile() error {
	if t.exec != nil {
		t.exec.Finalize()
	}
	t.kind = singleLabel
	for _, s := range t.batches.sources {
		t.kind = max(t.kind, s.labels.kind(t.options.Accept))
	}
	backend, err := xla.Backend()
	if err != nil {
		return err
	}
	if t.exec, err = model.NewExec(backend, t.store, t.step); err != nil {
		return fmt.Errorf("router: %w", err)
	}
	return nil
}

// step is the graph of a training step. It returns the loss. in is the result of batches.inputs.
func (t *Trainer) step(scope *model.Scope, in []*Node) *Node {
	g := in[0].Graph()
	t.store.SetTraining(g, true)
	x := standardized(in[0], Const(g, t.mean), Const(g, t.deviation))
	if t.noisy() {
		x = Add(x, Mul(scope.RandomNormal(g, shapes.Make(dtype, t.batches.size, t.form.D)), in[1]))
	}
	var values []*Node
	for _, p := range t.form.parameters() {
		values = append(values, t.store.GetVariable(string(p.part)).NodeValue(g))
	}
	var sum *Node
	size := t.batches.size / parallelParts
	for p := range parallelParts {
		rows := AxisRange(p*size, (p+1)*size)
		l := crossEntropy(t.form.logits(Slice(x, rows), values), Slice(in[2], rows), Slice(in[3], rows), t.kind)
		if sum == nil {
			sum = l
		} else {
			sum = Add(sum, l)
		}
	}
	mean := DivScalar(sum, parallelParts)
	rate, period := t.options.LearningRate, t.options.ScheduleEpochs*t.batches.steps
	cosineschedule.New(scope, g, dtype).LearningRate(rate).PeriodSteps(period).Done()
	optimizer.Adam().LearningRate(rate).Done().UpdateGraph(scope, g, mean)
	return mean
}

// noisy reports whether any query has noise.
func (t *Trainer) noisy() bool {
	noise := float32(0)
	for _, s := range t.batches.sources {
		noise = max(noise, s.noise)
	}
	return noise > 0
}

// Epoch returns the number of epochs done, Epochs their total.
func (t *Trainer) Epoch() int  { return t.epoch }
func (t *Trainer) Epochs() int { return t.options.Epochs }

// SetLabels replaces the labels of the learn queries, and of the noisy base unless base is nil.
func (t *Trainer) SetLabels(learn Labels, base *Labels) error {
	sources := t.batches.sources
	if base != nil {
		sources[len(sources)-1].labels = *base
	}
	sources[0].labels = learn
	for _, s := range sources {
		if err := s.labels.check(s.vectors.N, t.form.Units); err != nil {
			return err
		}
	}
	t.batches.setLabels()
	return t.compile()
}

// Train trains until the given number of epochs since the start is done. The state is stored at the end and every
// CheckpointEpochs epochs. Cancelling ctx stops it between two steps.
func (t *Trainer) Train(ctx context.Context, epochs int) error {
	for t.epoch < epochs {
		t.batches.begin(t.epoch)
		for s := range t.batches.steps {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := t.do(s); err != nil {
				return err
			}
		}
		t.epoch++
		if t.epoch == epochs || t.epoch%t.options.CheckpointEpochs == 0 {
			if err := t.save(); err != nil {
				return err
			}
		}
	}
	return nil
}

// do executes a step of the current epoch.
func (t *Trainer) do(s int) error {
	in := t.batches.inputs(s)
	out, err := t.exec.Call(in...)
	for _, x := range in {
		x.(*tensors.Tensor).FinalizeAll()
	}
	if err != nil {
		return fmt.Errorf("router: %w", err)
	}
	loss := tensors.ToScalar[float32](out[0])
	out[0].FinalizeAll()
	step := t.epoch*t.batches.steps + s + 1
	if loss-loss != 0 {
		return fmt.Errorf("router: the loss is %v in step %d of epoch %d: a LearningRate below %v may help",
			loss, s+1, t.epoch+1, t.options.LearningRate)
	}
	if t.options.Progress != nil {
		t.options.Progress(Progress{step, t.options.Epochs * t.batches.steps, step / t.batches.steps, t.options.Epochs, float64(loss)})
	}
	return nil
}

// Network returns the network as trained so far.
func (t *Trainer) Network() (*Network, error) {
	var values [][]float32
	for _, p := range t.form.parameters() {
		tensor, err := t.store.GetVariable(string(p.part)).Value()
		if err != nil {
			return nil, fmt.Errorf("router: %w", err)
		}
		v, err := tensors.CopyFlatData[float32](tensor)
		if err != nil {
			return nil, fmt.Errorf("router: %w", err)
		}
		values = append(values, v)
	}
	n := newNetwork(t.form, t.mean, t.deviation, values)
	return n, n.check()
}

// Close frees the memory of the training.
func (t *Trainer) Close() {
	t.exec.Finalize()
	t.store.Finalize()
}

// create adds a variable with the given values to the store.
func create[T number](store *model.Store, path string, trainable bool, values []T, dims ...int) error {
	v, err := store.CreateVariable(path, tensors.FromFlatDataAndDimensions(values, dims...))
	if err != nil {
		return fmt.Errorf("router: %w", err)
	}
	v.SetTrainable(trainable)
	return nil
}

type number interface{ float32 | uint64 | int64 }
