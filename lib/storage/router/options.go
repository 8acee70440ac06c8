package router

import (
	"fmt"
	"math"

	"anncapacity/lib/ann"
)

// Activation is the function between two layers.
type Activation uint8

const (
	ReLU              Activation = iota // max(x, 0)
	HyperbolicTangent                   // tanh x
	SiLU                                // x / (1 + e⁻ˣ)
)

var activationNames = [...]string{"relu", "tanh", "silu"}

// String returns the name of the activation.
func (a Activation) String() string {
	if int(a) < len(activationNames) {
		return activationNames[a]
	}
	return fmt.Sprintf("Activation(%d)", uint8(a))
}

// Accept is the loss of a query whose nearest neighbour several units hold.
type Accept uint8

const (
	AcceptAny  Accept = iota // −log Σ p, where the sum is over the units that hold the neighbour
	AcceptBest               // −log max p, the cross entropy of the most probable of these units
)

// Defaults of Options.
const (
	DefaultHidden           = 256
	DefaultNoise            = 0.1
	DefaultLearningRate     = 1e-3
	DefaultBatch            = 1024
	DefaultEpochs           = 150 // of the paper
	DefaultCheckpointEpochs = 5
)

// Options holds the parameters of a training. The zero value of a field means its default.
type Options struct {
	Units int // number of units, the outputs of the network; at least 2

	// The network. The paper's has three layers, d → Hidden → Hidden → Units.
	Hidden     int         // width of both hidden layers; zero means 256
	Activation Activation  // zero means ReLU
	Linear     bool        // no hidden layers: logits are a linear function of the query
	Centroids  ann.Vectors // Units × d. If not empty, a direct linear layer makes the logits begin as −Beta·‖q − c‖²
	Beta       float64     // zero means the value of least cross entropy on at most 2,000 of the queries

	// The training.
	Noise          float64    // deviation of the noise, in standard deviations of each coordinate; zero means 0.1, negative none
	LearningRate   float64    // of Adam at the start of the cosine schedule; zero means 0.001
	Batch          int        // maximum number of queries of a step; zero means 1,024
	Epochs         int        // zero means 150
	ScheduleEpochs int        // length of a period of the cosine schedule in epochs; zero means Epochs, one period
	Accept         Accept     // zero means AcceptAny
	Seed           uint64     // of the initial weights, the order of the queries and the noise
	NoisyBase      *NoisyBase // additional queries; nil means none

	// Checkpoint is the folder in which the state of the training is stored, "" means nowhere. The folder is created. The name of
	// the file depends on the inputs and the options.
	Checkpoint       string
	CheckpointEpochs int // number of epochs between two checkpoints; zero means 5

	Progress func(Progress) // called after every step; nil means no calls
}

// NoisyBase holds base vectors that are used as queries with Gaussian noise. No search for their nearest neighbours is needed: the
// label of a base vector is the unit that holds the vector itself. The noise is drawn again in every epoch.
type NoisyBase struct {
	Vectors ann.Coordinates // same type and dimension as the learn queries
	Labels  Labels          // same kind as the labels of the learn queries
	Noise   float64         // as Options.Noise; must be positive
}

// Progress describes the training after a step.
type Progress struct {
	Step, Steps   int     // steps done, from the start of the training, and their total
	Epoch, Epochs int     // epochs done and their total
	Loss          float64 // mean cross entropy of the batch, in nats
}

// complete replaces zero values by defaults and checks the others. d is the dimension of the queries.
func (o Options) complete(d int) (Options, error) {
	setDefault(&o.Hidden, DefaultHidden)
	setDefault(&o.Noise, DefaultNoise)
	setDefault(&o.LearningRate, DefaultLearningRate)
	setDefault(&o.Batch, DefaultBatch)
	setDefault(&o.Epochs, DefaultEpochs)
	setDefault(&o.ScheduleEpochs, o.Epochs)
	setDefault(&o.CheckpointEpochs, DefaultCheckpointEpochs)
	o.Noise = max(o.Noise, 0)
	for _, f := range []struct {
		name         string
		value, least float64
	}{
		{"Units", float64(o.Units), 2}, {"Hidden", float64(o.Hidden), 1}, {"LearningRate", o.LearningRate, math.SmallestNonzeroFloat64},
		{"Batch", float64(o.Batch), 1}, {"Epochs", float64(o.Epochs), 1}, {"ScheduleEpochs", float64(o.ScheduleEpochs), 1},
		{"CheckpointEpochs", float64(o.CheckpointEpochs), 1}, {"Beta", o.Beta, 0}, {"Noise", o.Noise, 0},
	} {
		if !(f.value >= f.least) || math.IsInf(f.value, 0) {
			return o, fmt.Errorf("router: %s %v: must be finite and at least %v", f.name, f.value, f.least)
		}
	}
	if int(o.Activation) >= len(activationNames) || o.Accept > AcceptBest {
		return o, fmt.Errorf("router: %v and Accept %d: unknown value", o.Activation, o.Accept)
	}
	return o, o.checkCentroids(d)
}

func (o Options) checkCentroids(d int) error {
	if o.Centroids.N == 0 {
		return nil
	}
	if o.Centroids.N != o.Units || o.Centroids.D != d {
		return fmt.Errorf("router: Centroids are %d × %d, must be %d × %d", o.Centroids.N, o.Centroids.D, o.Units, d)
	}
	return checkFinite("Centroids", o.Centroids.Coordinates())
}

// setDefault replaces a zero value.
func setDefault[T int | float64](value *T, to T) {
	if *value == 0 {
		*value = to
	}
}

// checkFinite returns an error that names the first row with a coordinate that is NaN or infinite.
func checkFinite(what string, c ann.Coordinates) error {
	for i, x := range c.Floats {
		if x-x != 0 {
			return fmt.Errorf("router: %s: coordinate %d of vector %d is %v", what, i%c.D, i/c.D, x)
		}
	}
	return nil
}
