package router

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// lesson is a training that NumPy repeats.
type lesson struct {
	name   string
	loss   string // of router_training.py
	labels func(r *rand.Rand, n, units int) Labels
	change func(o *Options, centroids ann.Vectors)
}

func one(r *rand.Rand, n, units int) Labels {
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(r.IntN(units))
	}
	return One(labels)
}

// sets returns one to three labels for each query.
func sets(r *rand.Rand, n, units int) Labels {
	l := Labels{Starts: []int32{0}}
	for range n {
		for _, u := range r.Perm(units)[:1+r.IntN(3)] {
			l.Units = append(l.Units, int32(u))
		}
		l.Starts = append(l.Starts, int32(len(l.Units)))
	}
	return l
}

// soft returns sets with weights.
func soft(r *rand.Rand, n, units int) Labels {
	l := sets(r, n, units)
	for i := range n {
		for range l.Of(i) {
			l.Weights = append(l.Weights, 1/float32(len(l.Of(i))))
		}
	}
	return l
}

var lessons = []lesson{
	{"the paper's network", "any", one, func(*Options, ann.Vectors) {}},
	{"tanh, any of several labels", "any", sets, func(o *Options, _ ann.Vectors) { o.Activation = HyperbolicTangent }},
	{"silu, the best of several labels", "best", sets, func(o *Options, _ ann.Vectors) { o.Activation, o.Accept = SiLU, AcceptBest }},
	{"soft labels from centroids", "distribution", soft, func(o *Options, c ann.Vectors) { o.Centroids, o.ScheduleEpochs = c, 2 }},
	{"linear", "any", one, func(o *Options, _ ann.Vectors) { o.Linear = true }},
}

// The weights after 12 steps and the loss of each agree with NumPy's, so that the forward pass, the gradients, the losses, Adam and
// the schedule are right.
func TestTrainingEqualsNumPy(t *testing.T) {
	if !testkit.HasPeers(t, "the steps of the training") {
		return
	}
	for _, l := range lessons {
		t.Run(l.name, func(t *testing.T) { l.compare(t) })
	}
}

func (l lesson) compare(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const n, d, units, epochs = 90, 7, 5, 4
	learn := gaussian(r, n, d)
	o := Options{Units: units, Hidden: 11, Noise: -1, Batch: 32, Epochs: epochs, Seed: 9, LearningRate: 0.01}
	l.change(&o, gaussian(r, units, d))
	var losses []float64
	o.Progress = func(p Progress) { losses = append(losses, p.Loss) }
	labels := l.labels(r, n, units)
	trainer, err := NewTrainer(learn.Coordinates(), labels, o)
	if err != nil {
		t.Fatal(err)
	}
	defer trainer.Close()
	want, wantLosses := l.ask(t, trainer, labels, o)
	if err := trainer.Train(t.Context(), epochs); err != nil {
		t.Fatal(err)
	}
	for i, loss := range losses {
		if math.Abs(loss-wantLosses[i]) > 1e-4 {
			t.Errorf("step %d: loss %v, NumPy %v", i, loss, wantLosses[i])
		}
	}
	got, err := trainer.Network()
	if err != nil || len(losses) != len(wantLosses) {
		t.Fatal(len(losses), len(wantLosses), err)
	}
	for i, x := range slices.Concat(got.values()...) {
		if math.Abs(float64(x)-want[i]) > 2e-3 {
			t.Fatalf("number %d of the parameters: %v, NumPy %v", i, x, want[i])
		}
	}
}

// ask lets NumPy train from the initial weights of the trainer.
func (l lesson) ask(t *testing.T, trainer *Trainer, labels Labels, o Options) (after, losses []float64) {
	folder := t.TempDir()
	start, err := trainer.Network()
	if err != nil {
		t.Fatal(err)
	}
	var parameters [][]any
	for _, p := range trainer.form.parameters() {
		named := []any{p.part}
		for _, d := range p.dims {
			named = append(named, d)
		}
		parameters = append(parameters, named)
	}
	var order []int32
	for e := range o.Epochs {
		trainer.batches.begin(e)
		order = append(order, trainer.batches.order...)
	}
	right := make([]float32, labels.Len()*o.Units)
	for i := range labels.Len() {
		for j, u := range labels.Of(i) {
			right[i*o.Units+int(u)] = 1
			if labels.Weights != nil {
				right[i*o.Units+int(u)] = labels.Weights[int(labels.Starts[i])+j]
			}
		}
	}
	question, err := json.Marshal(map[string]any{
		"batch": trainer.batches.size, "period": trainer.options.ScheduleEpochs * trainer.batches.steps, "rate": o.LearningRate,
		"d": trainer.form.D, "parameters": parameters, "activation": o.Activation.String(), "loss": l.loss,
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder, "question.json", question)
	write(t, folder, "x.f32", trainer.batches.sources[0].vectors.Floats)
	write(t, folder, "right.f32", right)
	write(t, folder, "order.i32", order)
	write(t, folder, "before.f32", slices.Concat(start.values()...))
	if err := json.Unmarshal(testkit.Python(t, "router_training.py", folder), &losses); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(folder, "after.f64"))
	if err != nil {
		t.Fatal(err)
	}
	after = make([]float64, len(content)/8)
	return after, must(t, binary.Read(bytes.NewReader(content), binary.LittleEndian, after), losses)
}

func must[T any](t *testing.T, err error, value T) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func write(t *testing.T, folder, name string, data any) {
	t.Helper()
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, data); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func gaussian(r *rand.Rand, n, d int) ann.Vectors {
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(r.NormFloat64())
	}
	return v
}
