// Package engine defines what every nearest-neighbour engine looks like to this project: it is built on vectors, asked
// for k, and its answers are read as they come. Each engine has a folder with a small adapter; package engines lists them.
//
// An adapter fills an Engine, the description with Open, and implements Adapter. Engine.Build does what all of them
// need: it checks arguments, keeps the state of a closed index, and begins every error with the engine's name. An engine is
// added by its folder and by its Engines in the list of package engines.
package engine

import (
	"context"
	"image/color"
	"io"

	"anncapacity/lib/ann"
)

// Engine is one engine, or one way of using it. Key, Name, Family, Policy, Documented, Metrics, Version and Open must be
// set.
type Engine struct {
	// What it is called.
	Key    string     // in records and names of files: lower-case letters, digits and hyphens
	Name   string     // in figures and errors
	Family string     // its maker; the engines of one family share a colour, which no other family has
	Color  color.RGBA // of the family in figures

	// What it does.
	Policy        Policy // when k exceeds efSearch, by its documentation or source
	Documented    string // the same in a sentence, with the engine's own words
	Effort        string // what efSearch is called there, and its bounds; "" where Policy is Exact
	Metrics       []ann.Metric
	Normalize     bool  // it has no cosine: under that metric, base and queries reach the adapter at length 1
	Deterministic bool  // two builds from the same vectors and options answer alike
	Bulk          bool  // timed beside exact engines in bulk search, although it approximates
	Trial         Trial // what the test of policies sees of it, where that is not Policy alone

	// Where it comes from.
	Install string        // how it can be had: the end of Missing's message
	Absent  func() error  // what is not there that it needs; nil where it needs nothing. Errors do not name the engine.
	Version func() string // the engine's own version, "" where it cannot be had

	// Open indexes every row of base under its row number. Build has checked the arguments and set the defaults of o.
	// When ctx ends, Open stops and leaves no process and no file behind. Errors do not name the engine.
	Open func(ctx context.Context, base ann.Vectors, o Options) (Adapter, error)
}

// Exact reports whether the engine does not approximate; efSearch means nothing to it then.
func (e Engine) Exact() bool { return e.Policy == Exact }

// Trial is how an engine shows its policy on the clustered points of the test of policies in package compare. The zero
// value stands for most engines.
type Trial struct {
	EfSearch int      // effort of the questions beyond it; zero means 20
	Shows    []Policy // what may be observed; nil means the documented policy
	Repeats  bool     // an empty slot holds an indexed point, so that a short answer names one twice
}

// Options are the parameters of one index. Zero values are the study's.
type Options struct {
	Metric         ann.Metric
	M              int       // links per node, 2M on level 0. Zero means 32.
	EfConstruction int       // zero means 200
	Threads        int       // zero means GOMAXPROCS
	Seed           uint64    // where the engine lets it be chosen
	Dir            string    // where an engine may keep files while it is open; "" means a temporary folder
	Progress       io.Writer // where a long build reports; nil means nowhere

	name string // of the engine, for Report
}

// Index is an engine that holds vectors. Any number of goroutines may use it. Close it: engines have processes, files and
// memory outside of Go's. Errors begin with the engine's name.
type Index interface {
	// SetEfSearch changes the effort of later questions (of an IVF index nprobe, of a tree its budget of leaves). It is
	// an error where the engine refuses the number.
	SetEfSearch(ef int) error
	// Ask hands the engine one vector and k, as its user would, and returns what it answered.
	Ask(ctx context.Context, query []float32, k int) (Answer, error)
	// AskBatch hands it all rows of queries in the fastest way it has.
	AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]Answer, error)
	// Size is what the index costs; zero after Close.
	Size() Size
	// Close waits for the questions under way and ends what Build started. It may be called twice.
	Close() error
}

// Adapter is the part of an Index that differs from engine to engine. Its methods get 1 ≤ ef, 1 ≤ k < 2³¹ and queries of
// the base's dimension; none is called after Close, and none but Ask and AskBatch while another runs. Errors do not name the
// engine.
type Adapter interface {
	// SetEfSearch is not called where the policy is Exact. Build calls it once, with DefaultEfSearch.
	SetEfSearch(ef int) error
	// Ask answers one query. Any number of goroutines call it.
	Ask(ctx context.Context, query []float32, k int) (Answer, error)
	Size() Size
	Close() error
}

// Batcher is an Adapter that answers many queries in a way of its own. The others are asked from Options.Threads
// goroutines.
type Batcher interface {
	Adapter
	AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]Answer, error)
}

// Answer is what came back, in the engine's order and untouched: padding (ID −1), duplicates and the query itself
// included. Distances are the engine's own numbers, in its own units; nil where it gives none.
type Answer struct {
	IDs       []int32
	Distances []float32
}

// Size is the cost of an index in bytes; zero where the engine does not tell and it cannot be determined.
type Size struct {
	Memory int64 // resident memory that the index added, the vectors that it holds included
	Disk   int64
}
