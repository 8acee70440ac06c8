// Package engine is what every nearest-neighbour engine looks like from here: built on vectors, asked for k, and read
// as it answered. Each engine has a folder with a small adapter; package engines lists them.
package engine

import (
	"context"
	"io"

	"anncapacity/lib/ann"
)

// Engine is one engine, or one way of using it.
type Engine struct {
	Name    string       // as figures show it
	Key     string       // in records and file names
	Policy  string       // what its documentation or source says it does when k exceeds efSearch
	Metrics []ann.Metric // what it can measure
	Exact   bool         // answers without an index that approximates; efSearch means nothing to it

	// Version is the engine's own, "" where it cannot be had.
	Version func() string
	// Missing says why the engine cannot be started here and how it can be had; nil when it can.
	Missing func() error
	// Build indexes every row of base under its row number. Errors name the engine. Cancelling ctx stops it and leaves no
	// process and no file behind.
	Build func(ctx context.Context, base ann.Vectors, o Options) (Index, error)
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
}

// Index is an engine that holds vectors. Close it: engines have processes, files and memory outside of Go's.
type Index interface {
	// SetEfSearch changes the effort of later questions (of an IVF index nprobe, of a tree its leaf budget). It is
	// an error where the engine refuses the number.
	SetEfSearch(ef int) error
	// Ask hands the engine one vector and k, as its user would, and returns what it answered.
	Ask(ctx context.Context, query []float32, k int) (Answer, error)
	// AskBatch hands it all rows of queries in the fastest way it has.
	AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]Answer, error)
	// Size is what the index costs.
	Size() Size
	// Close ends what Build started. It may be called twice.
	Close() error
}

// Answer is what came back, in the engine's order and untouched: padding (ID −1), duplicates and the query itself
// included. Distances are the engine's own numbers, in its own units; nil where it gives none.
type Answer struct {
	IDs       []int32
	Distances []float32
}

// Size is the cost of an index in bytes; zero where the engine does not tell and it cannot be measured.
type Size struct {
	Memory int64 // resident memory that the index added, the vectors that it holds included
	Disk   int64
}
