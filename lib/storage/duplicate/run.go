package duplicate

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/router"
)

// run is the state of Run.
type run struct {
	options Options
	base    ann.Coordinates
	learn   ann.Coordinates
	nearest []int32
	layout  layout.Layout
	rounds  []Round // rounds done
	trainer *router.Trainer

	folder     string // of the stored rounds, "" means none
	trainerKey string // of the trainer, part of the names of the rounds
}

// newRun returns the state after the last stored round.
func newRun(base, learn ann.Coordinates, nearest []int32, start layout.Layout, o Options) (*run, error) {
	r := &run{options: o, base: base, learn: learn, nearest: nearest, layout: start}
	o.Router.Units = start.Units()
	o.Router.Epochs, o.Router.ScheduleEpochs = o.Rounds*o.EpochsPerRound, o.Rounds*o.EpochsPerRound
	if o.Restart {
		o.Router.ScheduleEpochs = o.EpochsPerRound
	}
	if o.Router.Checkpoint != "" {
		r.folder = filepath.Join(o.Router.Checkpoint, "duplicate-"+r.key(start))
		o.Router.Checkpoint = r.folder
	}
	labels, own, err := r.labels()
	if err != nil {
		return nil, err
	}
	o.Router.NoisyBase = nil
	if own != nil {
		o.Router.NoisyBase = &router.NoisyBase{Vectors: base, Labels: *own, Noise: o.NoisyBase}
	}
	if r.trainer, err = router.NewTrainer(learn, labels, o.Router); err != nil {
		return nil, err
	}
	if err := r.resume(); err != nil {
		r.trainer.Close()
		return nil, err
	}
	return r, nil
}

// labels returns the labels of the learn queries and, if they are used, of the base vectors for the current layout.
func (r *run) labels() (learn router.Labels, own *router.Labels, err error) {
	holders := r.layout.Holders(r.base.N)
	if r.options.NoisyBase > 0 {
		own = &router.Labels{Starts: holders.Starts, Units: holders.IDs}
	}
	learn, err = router.Holding(holders, r.nearest)
	return learn, own, err
}

// round trains one round, copies vectors and stores the result.
func (r *run) round(ctx context.Context) error {
	n := len(r.rounds)
	if err := r.trainer.Train(ctx, (n+1)*r.options.EpochsPerRound); err != nil {
		return err
	}
	network, err := r.trainer.Network()
	if err != nil {
		return err
	}
	if r.options.Trained != nil {
		if err := r.options.Trained(n, network, r.layout); err != nil {
			return err
		}
	}
	answers, err := r.answers(ctx, network)
	if err != nil {
		return err
	}
	done := Round{Round: n}
	for _, a := range answers {
		done.Loss += float64(a.loss) / float64(len(answers))
		if !a.right {
			done.Marked++
		}
	}
	pairs := r.pairs(answers)
	done.Pairs = len(pairs)
	if n+1 < r.options.Rounds || r.options.AfterLast {
		done.Copies = int(math.Ceil(r.options.Share * float64(len(pairs))))
	}
	r.layout = withCopies(r.layout, pairs[:done.Copies])
	done.Vectors, done.Top1 = len(r.layout.IDs), 1-float64(done.Marked)/float64(len(answers))
	done.After = r.topOne(answers)
	r.rounds = append(r.rounds, done)
	if err := r.save(pairs[:done.Copies]); err != nil {
		return err
	}
	if r.options.Progress != nil {
		r.options.Progress(done)
	}
	return r.relabel(done.Copies)
}

// relabel gives the trainer the labels of the layout, if it changed.
func (r *run) relabel(copies int) error {
	if copies == 0 {
		return nil
	}
	learn, own, err := r.labels()
	if err != nil {
		return err
	}
	return r.trainer.SetLabels(learn, own)
}

// answer is what the network says about a learn query.
type answer struct {
	unit   int32   // the most probable unit
	right  bool    // whether it holds the key
	loss   float32 // −log Σ p over the units that hold the key
	margin float32 // p(unit) less the largest p of a unit that holds the key
}

// answers evaluates the network on all learn queries, without noise.
func (r *run) answers(ctx context.Context, network *router.Network) ([]answer, error) {
	holders, all := r.layout.Holders(r.base.N), make([]answer, r.learn.N)
	err := network.Evaluate(ctx, r.learn, func(first int, logits []float32) error {
		units := network.Units()
		parallel.For(len(logits)/units, func(i int) {
			p := slices.Clone(logits[i*units : (i+1)*units])
			router.Probabilities(p)
			all[first+i] = answerOf(p, holders.Unit(int(r.nearest[first+i])))
		})
		return nil
	})
	return all, err
}

// answerOf returns the answer for the probabilities of all units, if the given units hold the key.
func answerOf(p []float32, holders []int32) answer {
	a := answer{unit: router.Best(p)}
	best, sum := float32(0), 0.
	for _, u := range holders {
		best, sum = max(best, p[u]), sum+float64(p[u])
		a.right = a.right || u == a.unit
	}
	a.loss = float32(-math.Log(max(sum, math.SmallestNonzeroFloat32)))
	a.margin = p[a.unit] - best
	return a
}

// topOne returns the share of the answers whose unit holds the key in the current layout.
func (r *run) topOne(answers []answer) float64 {
	holders, right := r.layout.Holders(r.base.N), 0
	for i, a := range answers {
		if slices.Contains(holders.Unit(int(r.nearest[i])), a.unit) {
			right++
		}
	}
	return float64(right) / float64(len(answers))
}

// resume continues with the stored rounds and checks that the state of the training belongs to them.
func (r *run) resume() error {
	if r.folder == "" {
		return nil
	}
	r.trainerKey = r.trainer.Key()
	copies := 0
	for len(r.rounds) < r.options.Rounds {
		found, err := r.load(len(r.rounds))
		if err != nil {
			return err
		}
		if !found {
			break
		}
		copies += r.rounds[len(r.rounds)-1].Copies
	}
	epoch, first := r.trainer.Epoch(), len(r.rounds)*r.options.EpochsPerRound
	if epoch < first || epoch > first+r.options.EpochsPerRound {
		return fmt.Errorf("duplicate: %s: %d rounds of %d epochs and a training of %d epochs do not belong together; "+
			"remove the folder to start again", r.folder, len(r.rounds), r.options.EpochsPerRound, epoch)
	}
	return r.relabel(copies)
}
