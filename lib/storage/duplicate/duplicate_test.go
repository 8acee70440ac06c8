package duplicate

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/router"
)

// toy is a base of pairs of vectors that lie together but are in different units, and queries between the two vectors of a pair.
// The nearest vector of a query is random for the network, so that only copies can raise the top-1 accuracy much above a half.
type toy struct {
	base, learn ann.Coordinates
	nearest     []int32
	start       layout.Layout
}

func split(pairs, queries int) toy {
	r := rand.New(rand.NewPCG(1, 2))
	const d = 8
	base := ann.Vectors{N: 2 * pairs, D: d}
	units := make([][]int32, 4)
	for i := range base.N {
		for j := range d {
			if i%2 == 0 {
				base.Data = append(base.Data, float32(10*r.NormFloat64()))
			} else {
				base.Data = append(base.Data, base.Data[(i-1)*d+j]+0.01)
			}
		}
		u := (i/2)%2 + 2*(i%2)
		units[u] = append(units[u], int32(i))
	}
	t := toy{base: base.Coordinates(), start: layout.New(units)}
	learn := ann.Vectors{N: queries, D: d}
	for range queries {
		id := int32(r.IntN(base.N))
		t.nearest = append(t.nearest, id)
		for _, x := range base.Row(int(id)) {
			learn.Data = append(learn.Data, x+float32(0.1*r.NormFloat64()))
		}
	}
	t.learn = learn.Coordinates()
	return t
}

func small() Options {
	return Options{
		Rounds: 2, EpochsPerRound: 6, Share: 1,
		Router: router.Options{Hidden: 32, Batch: 128, LearningRate: 0.01, CheckpointEpochs: 2, Seed: 3},
	}
}

func (x toy) run(t *testing.T, o Options) Result {
	t.Helper()
	r, err := Run(t.Context(), x.base, x.learn, x.nearest, x.start, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Copies lift the top-1 accuracy where a boundary of units divides near vectors. The layout stays valid and keeps what it held.
func TestCopiesLiftTop1(t *testing.T) {
	x := split(20, 600)
	r := x.run(t, small())
	if err := r.Layout.Check(x.base.N); err != nil {
		t.Error(err)
	}
	for u := range x.start.Units() {
		if !slices.Equal(r.Layout.Unit(u)[:x.start.Size(u)], x.start.Unit(u)) {
			t.Errorf("unit %d lost vectors", u)
		}
	}
	first, last := r.Rounds[0], r.Rounds[1]
	if first.Top1 > 0.6 || last.Top1 < 0.95 || first.After < 0.95 || last.Copies != 0 {
		t.Errorf("%+v", r.Rounds)
	}
	stored := len(r.Layout.IDs)
	if first.Copies != first.Pairs || stored != x.base.N+first.Copies || first.Vectors != stored || first.Marked < first.Pairs {
		t.Errorf("%d vectors, %+v", stored, r.Rounds)
	}
	answers := &run{options: small(), base: x.base, learn: x.learn, nearest: x.nearest, layout: r.Layout}
	if got := answers.top1Of(r.Network); math.Abs(got-last.Top1) > 1e-9 {
		t.Errorf("top-1 of the result %v, of the last round %v", got, last.Top1)
	}
}

// top1Of counts the right answers of the network one by one.
func (r *run) top1Of(n *router.Network) float64 {
	right := 0
	var scratch router.Scratch
	for i := range r.learn.N {
		u := router.Best(n.Logits(r.learn.Row(i, nil), &scratch))
		if slices.Contains(r.layout.Unit(int(u)), r.nearest[i]) {
			right++
		}
	}
	return float64(right) / float64(r.learn.N)
}

// The pairs are ranked by queries, by loss and by margin, ties by key. A share of them is copied, rounded up.
func TestPairs(t *testing.T) {
	r := &run{nearest: []int32{5, 5, 6, 7, 8}}
	answers := []answer{
		{unit: 1, loss: 1, margin: 0.1}, {unit: 1, loss: 1, margin: 0.1}, {unit: 2, loss: 9, margin: 0.3},
		{unit: 3, loss: 3, margin: 0.4}, {unit: 4, right: true, loss: 99, margin: 99},
	}
	for by, want := range map[RankBy][]int32{Frequency: {5, 6, 7}, Loss: {6, 7, 5}, Margin: {7, 6, 5}} {
		r.options.RankBy = by
		var keys []int32
		for _, p := range r.pairs(answers) {
			keys = append(keys, p.key)
		}
		if !slices.Equal(keys, want) {
			t.Errorf("ranked by %d: %v, want %v", by, keys, want)
		}
	}
	a := answerOf([]float32{.5, .3, .2}, []int32{1, 2})
	if a.unit != 0 || a.right || math.Abs(float64(a.loss)-math.Log(2)) > 1e-6 || math.Abs(float64(a.margin)-.2) > 1e-6 {
		t.Errorf("%+v", a)
	}
}

// A run that is interrupted within each round, and between them, gives the result of one that is not, on any number of threads.
func TestRunResumes(t *testing.T) {
	x := split(20, 600)
	o := small()
	o.Share, o.NoisyBase = 0.5, 0.01
	want := x.run(t, o)
	o.Router.Checkpoint = t.TempDir()
	first := 0
	for _, until := range []int{13, 30, 45} {
		ctx, cancel := context.WithCancel(t.Context())
		o.Router.Progress = func(p router.Progress) {
			if first = cmpOr(first, p.Step); p.Step == until {
				cancel()
			}
		}
		if _, err := Run(ctx, x.base, x.learn, x.nearest, x.start, o); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
	}
	o.Router.Progress = func(p router.Progress) { first = min(first, p.Step) }
	first = math.MaxInt
	before := runtime.GOMAXPROCS(1)
	got := x.run(t, o)
	runtime.GOMAXPROCS(before)
	if first == 1 {
		t.Error("the run began again")
	}
	same := bytes.Equal(packed(t, got), packed(t, want))
	if !same || !reflect.DeepEqual(got.Layout, want.Layout) || !reflect.DeepEqual(got.Rounds, want.Rounds) {
		t.Errorf("interrupted %+v\nnot interrupted %+v", got.Rounds, want.Rounds)
	}
	x.damage(t, o)
}

func cmpOr(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// damage changes a stored round, and then removes the checkpoint.
func (x toy) damage(t *testing.T, o Options) {
	rounds, err := filepath.Glob(filepath.Join(o.Router.Checkpoint, "*", "round-0-*"))
	if err != nil || len(rounds) != 1 {
		t.Fatal(rounds, err)
	}
	content, err := os.ReadFile(rounds[0])
	if err != nil {
		t.Fatal(err)
	}
	damaged := slices.Clone(content)
	damaged[len(damaged)/2]++
	for name, bad := range map[string][]byte{"changed": damaged, "truncated": content[:len(content)-1]} {
		if err := os.WriteFile(rounds[0], bad, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Run(t.Context(), x.base, x.learn, x.nearest, x.start, o)
		testkit.WantMentions(t, name, err, rounds[0])
	}
	checkpoints, err := filepath.Glob(filepath.Join(filepath.Dir(rounds[0]), "router-*"))
	if err != nil || len(checkpoints) != 1 || os.WriteFile(rounds[0], content, 0o644) != nil || os.Remove(checkpoints[0]) != nil {
		t.Fatal(checkpoints, err)
	}
	_, err = Run(t.Context(), x.base, x.learn, x.nearest, x.start, o)
	testkit.WantMentions(t, "without checkpoint", err, filepath.Dir(rounds[0]), "do not belong together")
}

func packed(t *testing.T, r Result) []byte {
	t.Helper()
	content, err := r.Network.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// Bad inputs and options are errors that name them.
func TestRunRefuses(t *testing.T) {
	x := split(4, 16)
	for name, c := range map[string]struct {
		change func(x *toy, o *Options)
		words  []string
	}{
		"empty":     {func(x *toy, _ *Options) { x.learn = ann.Coordinates{} }, []string{"no learn queries"}},
		"dimension": {func(x *toy, _ *Options) { x.learn.D, x.learn.N = 4, 32 }, []string{"8", "4"}},
		"count":     {func(x *toy, _ *Options) { x.nearest = x.nearest[1:] }, []string{"15 IDs", "16"}},
		"ID":        {func(x *toy, _ *Options) { x.nearest = append([]int32{8}, x.nearest[1:]...) }, []string{"query 0 is 8"}},
		"layout":    {func(x *toy, _ *Options) { x.start = layout.New([][]int32{{0}, {1}}) }, []string{"start", "vector 2"}},
		"share":     {func(_ *toy, o *Options) { o.Share = 1.5 }, []string{"Share 1.5"}},
		"rounds":    {func(_ *toy, o *Options) { o.Rounds = -1 }, []string{"Rounds -1"}},
		"rank":      {func(_ *toy, o *Options) { o.RankBy = 7 }, []string{"RankBy 7"}},
	} {
		y, o := x, small()
		c.change(&y, &o)
		_, err := Run(t.Context(), y.base, y.learn, y.nearest, y.start, o)
		testkit.WantMentions(t, name, err, c.words...)
	}
}
