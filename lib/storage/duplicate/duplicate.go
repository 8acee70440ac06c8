// Package duplicate trains a router and copies vectors into the units where the router expects them, in turns.
//
// It follows Ikeda, Miyashita and Deguchi, arXiv 2501.16375. After every 50 epochs the pairs of a query and its nearest vector, the
// key, are marked if the most probable unit lacks the key. The top 20 % of the marked pairs are copied: the key is added to the
// predicted unit. Then the training continues, and every unit that holds the key is a right answer.
//
// The paper leaves open what ranks the pairs, whether a pair that several queries ask for counts once, whether vectors are copied
// after the last round, how several right answers enter the loss, and whether the learning rate restarts. These are fields of
// Options. Pairs of the same key and unit count as one here, because they are one copy. A unit never holds a key twice, and no copy
// is removed from another unit.
package duplicate

import (
	"context"
	"fmt"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/router"
)

// RankBy is what ranks the marked pairs of a key and a unit, the largest first. Equal pairs are in the order of Loss, then of the
// key, then of the unit.
type RankBy uint8

const (
	Frequency RankBy = iota // the number of learn queries that mark the pair
	Loss                    // the sum over these queries of −log Σ p over the units that hold the key
	Margin                  // the sum over these queries of p of the predicted unit less the largest p of a unit that holds the key
)

// Defaults of Options, which are those of the paper.
const (
	DefaultRounds         = 3
	DefaultEpochsPerRound = 50
	DefaultShare          = 0.2
)

// Options holds the parameters of Run. The zero value of a field means its default.
type Options struct {
	Rounds         int     // rounds of training; zero means 3
	EpochsPerRound int     // zero means 50
	Share          float64 // share of the marked pairs that are copied after a round, in (0, 1]; zero means 0.2
	RankBy         RankBy  // zero means Frequency
	AfterLast      bool    // whether vectors are copied after the last round, too, without a training thereafter
	Restart        bool    // whether every round has a cosine schedule of its own; otherwise one schedule spans all rounds
	NoisyBase      float64 // if positive, base vectors with noise of this deviation are additional queries; see router.NoisyBase

	// Router holds the options of the network. Units, Epochs, ScheduleEpochs and NoisyBase are set by Run. A round and the
	// checkpoints within it are stored in a folder of Router.Checkpoint, whose name depends on the inputs and the options.
	Router router.Options

	// Trained, if not nil, is called after the training of a round, before vectors are copied, with the network and the layout on
	// which it was trained. It is not called for rounds that were stored before.
	Trained func(round int, n *router.Network, l layout.Layout) error

	Progress func(Round) // called after every round; nil means no calls
}

// Round describes a round.
type Round struct {
	Round   int     // from 0
	Loss    float64 // mean loss of the learn queries without noise, in nats, before vectors are copied
	Top1    float64 // share of the learn queries whose key is in the most probable unit, before vectors are copied
	Marked  int     // learn queries for which it is not
	Pairs   int     // different pairs of a key and a unit among them
	Copies  int     // pairs that were copied
	Vectors int     // vectors of the layout after the round, copies included
	After   float64 // Top1 of the same network on the layout after the round
}

// Result is the result of Run.
type Result struct {
	Layout  layout.Layout
	Network *router.Network
	Rounds  []Round
}

// Run trains a router on the learn queries and copies vectors of start between the rounds. nearest[i] is the ID of the base vector
// that is nearest to learn query i. If Options.Router.Checkpoint is set, Run resumes an interrupted run of the same inputs and
// options. The result is the same as without the interruption.
func Run(ctx context.Context, base, learn ann.Coordinates, nearest []int32, start layout.Layout, o Options) (Result, error) {
	o, err := o.complete()
	if err != nil {
		return Result{}, err
	}
	if err := check(base, learn, nearest, start); err != nil {
		return Result{}, err
	}
	r, err := newRun(base, learn, nearest, start, o)
	if err != nil {
		return Result{}, err
	}
	defer r.trainer.Close()
	for len(r.rounds) < o.Rounds {
		if err := r.round(ctx); err != nil {
			return Result{}, err
		}
	}
	network, err := r.trainer.Network()
	return Result{r.layout, network, r.rounds}, err
}

// complete replaces zero values by defaults and checks the others.
func (o Options) complete() (Options, error) {
	if o.Rounds == 0 {
		o.Rounds = DefaultRounds
	}
	if o.EpochsPerRound == 0 {
		o.EpochsPerRound = DefaultEpochsPerRound
	}
	if o.Share == 0 {
		o.Share = DefaultShare
	}
	if o.Rounds < 1 || o.EpochsPerRound < 1 {
		return o, fmt.Errorf("duplicate: Rounds %d and EpochsPerRound %d: must be at least 1", o.Rounds, o.EpochsPerRound)
	}
	if !(o.Share > 0 && o.Share <= 1) {
		return o, fmt.Errorf("duplicate: Share %v: must be above 0 and at most 1", o.Share)
	}
	if !(o.NoisyBase >= 0) || math.IsInf(o.NoisyBase, 0) || o.RankBy > Margin {
		return o, fmt.Errorf("duplicate: NoisyBase %v and RankBy %d: must not be negative, and be known", o.NoisyBase, o.RankBy)
	}
	return o, nil
}

// check returns an error if the inputs do not fit each other.
func check(base, learn ann.Coordinates, nearest []int32, start layout.Layout) error {
	if learn.N == 0 {
		return fmt.Errorf("duplicate: there are no learn queries")
	}
	if base.D != learn.D {
		return fmt.Errorf("duplicate: base has %d dimensions, learn %d", base.D, learn.D)
	}
	if len(nearest) != learn.N {
		return fmt.Errorf("duplicate: nearest has %d IDs for %d learn queries", len(nearest), learn.N)
	}
	for i, id := range nearest {
		if id < 0 || int(id) >= base.N {
			return fmt.Errorf("duplicate: the nearest vector of learn query %d is %d: there are %d base vectors", i, id, base.N)
		}
	}
	if err := start.Check(base.N); err != nil {
		return fmt.Errorf("duplicate: start: %w", err)
	}
	return nil
}
