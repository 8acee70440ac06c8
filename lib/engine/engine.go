// Package engine defines a common interface to nearest-neighbour engines. An engine builds an index of vectors and answers
// queries for k neighbours; the answers are passed on unchanged. Each engine has a small adapter in a folder of its own.
// Package engines lists all of them.
//
// An adapter consists of an Engine, which describes the engine and has the function Open, and of an implementation of
// Adapter. Engine.Build returns an Index that checks arguments, keeps track of whether the index is closed, and begins every
// error with the engine's name. To add an engine, add its folder and add its function Engines to package engines.
package engine

import (
	"context"
	"errors"
	"image/color"
	"io"

	"anncapacity/lib/ann"
)

// An Engine describes one engine, or one way of using it. Key, Name, Family, Policy, Documented, Metrics, Version and Open
// must be set. The colours of the families are black, those of Okabe & Ito, and those of Tol's muted scheme that are distinct
// from them, also with colour-vision deficiencies. Families without one of these have other colours of his.
type Engine struct {
	// Names.
	Key    string     // in records and file names: lower-case letters, digits and hyphens
	Name   string     // in figures and errors
	Family string     // the product; the engines of one family share a colour, and no two families have the same
	Color  color.RGBA // of the family in figures

	// Behaviour.
	Policy        Policy // for k > efSearch, by its documentation or source
	Documented    string // the policy as a phrase, with the engine's own terms
	Effort        string // the engine's name of efSearch, and its bounds; "" if Policy is Exact
	Metrics       []ann.Metric
	Normalize     bool   // the engine does not support the cosine: Build passes normalized vectors to the adapter instead
	Deterministic bool   // two builds from the same vectors and options give the same answers
	Bulk          bool   // timed in bulk search beside exact engines, although it is approximate
	Process       string // what an index runs in, for texts; "" means the current process
	Trial         Trial  // what the test of policies expects if Policy alone does not say it
	Filter        string // how it restricts a search by an attribute, in its own words; "" if it cannot: the adapter is a Filterer otherwise
	Delete        string // how it deletes vectors, in its own words; "" if it cannot: the adapter is a Deleter otherwise

	// Availability.
	Install string        // how to install it: the end of the error of Missing
	Absent  func() error  // returns an error that names a missing requirement; nil if there are none. Errors do not name the engine.
	Version func() string // the engine's own version, "" if it is not available

	// Open returns an index of the rows of base, each identified by its row number. Build has checked the arguments and set
	// the defaults of o. When ctx ends, Open stops and leaves no process and no file behind. Errors do not name the engine.
	Open func(ctx context.Context, base ann.Vectors, o Options) (Adapter, error)
}

// Exact reports whether the engine is exact. An exact engine has no efSearch.
func (e Engine) Exact() bool { return e.Policy == Exact }

// A Trial describes what the test of policies, package comparetest, expects of an engine on its clustered points. The zero
// value is right for most engines.
type Trial struct {
	EfSearch int      // efSearch of the searches with k > efSearch; zero means 20
	Shows    []Policy // the policies that may be observed; nil means the documented policy
	Repeats  bool     // an empty slot holds an indexed point, so that a short answer repeats an ID
}

// Options are the parameters of one index. The zero values are those of the study.
type Options struct {
	Metric         ann.Metric
	M              int       // links per node, 2M on level 0. Zero means 32.
	EfConstruction int       // zero means 200
	Threads        int       // zero means GOMAXPROCS
	Seed           uint64    // used by engines that accept a seed
	Dir            string    // for files that an engine needs while it is open; "" means a temporary folder
	Progress       io.Writer // receives the progress of a long build; nil means that it is discarded

	// Attributes holds one number for each base vector, stored beside it, that a filtered search can test; nil means none.
	Attributes []int32

	name string // name of the engine, for Report
}

// An Index holds vectors in an engine and searches them. It is safe for concurrent use. It must be closed, because engines
// have processes, files and memory outside of Go's. Errors begin with the engine's name.
type Index interface {
	// SetEfSearch sets the effort of later searches: efSearch of an HNSW index, nprobe of an IVF index, the budget of
	// leaves of a tree. It returns an error if the engine rejects the value.
	SetEfSearch(ef int) error
	// Ask passes one query and k to the engine, as a user would, and returns its answer.
	Ask(ctx context.Context, query []float32, k int) (Answer, error)
	// AskBatch passes all rows of queries to the engine in the fastest way that it offers, and returns their answers.
	AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]Answer, error)
	// AskBelow is Ask among the vectors whose attribute, see Options, is less than below, by the engine's own filter.
	// It returns ErrUnsupported if the engine has no filter, and an error if the index has no attributes.
	AskBelow(ctx context.Context, query []float32, k int, below int32) (Answer, error)
	// Delete deletes vectors by the engine's own means. It returns ErrUnsupported if the engine has none, and an error if an
	// ID is not a row of the base, or was deleted before; then no vector is deleted.
	Delete(ctx context.Context, ids []int32) error
	// Size returns the memory and disk space of the index; zero after Close.
	Size() Size
	// Close waits for the searches in progress, then frees what Build allocated and ends what it started. It may be called
	// more than once.
	Close() error
}

// An Adapter is the part of an Index that is specific to an engine. Its methods are called with 1 ≤ ef, 1 ≤ k < 2³¹ and
// queries of the base's dimension. None is called after Close, and only Ask and AskBatch are called concurrently. Errors do
// not name the engine.
type Adapter interface {
	// SetEfSearch is not called if the policy is Exact. Build calls it once, with DefaultEfSearch.
	SetEfSearch(ef int) error
	// Ask returns the answer to one query. It must be safe for concurrent use.
	Ask(ctx context.Context, query []float32, k int) (Answer, error)
	Size() Size
	Close() error
}

// A Batcher is an Adapter with its own method for many queries. For other adapters, AskBatch calls Ask from Options.Threads
// goroutines.
type Batcher interface {
	Adapter
	AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]Answer, error)
}

// A Filterer is an Adapter whose engine restricts a search by a condition on an attribute.
type Filterer interface {
	Adapter
	// AskBelow returns the answer to one query among the vectors whose attribute is less than below, as the engine's own
	// filter gives it. It is not called if Options.Attributes is nil, and must be safe for concurrent use.
	AskBelow(ctx context.Context, query []float32, k int, below int32) (Answer, error)
}

// A Deleter is an Adapter whose engine deletes vectors from an index.
type Deleter interface {
	Adapter
	// Delete deletes the vectors with the given IDs: one or more, all different, none of them deleted before. It is not called
	// concurrently with any other method.
	Delete(ctx context.Context, ids []int32) error
}

// ErrUnsupported is the error of an Index whose engine lacks a filter or a deletion.
var ErrUnsupported = errors.New("is not supported by this engine")

// An Answer holds the result of one query as the engine returned it, in the engine's order, with padding (ID −1), duplicates
// and the query itself. Distances are the engine's own numbers, in its own units; nil if it returns none.
type Answer struct {
	IDs       []int32
	Distances []float32
}

// Size is the size of an index in bytes; zero if it is not known.
type Size struct {
	Memory int64 // resident memory that the index added, including its vectors
	Disk   int64
}
