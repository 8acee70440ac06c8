// Package live audits the index of a running engine. It sends queries through the index as an application does, at the
// present setting of the engine and at a ladder of others, sends the same queries to an exact scan, and compares the answers. The
// packages beside it hold the engines.
//
// A query asks for k answers, as the application does. If it is a stored vector, that vector is left out of both lists by its
// ID, so that k − 1 neighbours count. (A query for k + 1 answers would exceed an efSearch that is equal to k, and the short
// answer would be the audit's fault.) If several neighbours have the distance of the k-th, the recall by identity depends on
// which of them the exact scan returns; the recall by distance does not.
package live

import (
	"context"
	"errors"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/report"
)

// An Engine is an index that exists, in an engine that runs. Its methods are not called concurrently, and none of them changes
// what the engine stores. Errors name what failed and hold no secret.
type Engine interface {
	// Index describes the index. It does not change.
	Index() Index
	// Sample returns up to n stored vectors that match the filter, chosen by seed, in random order. Vectors for which the
	// metric is undefined are left out.
	Sample(ctx context.Context, n int, seed uint64) ([]Query, error)
	// Ask asks for k answers through the index, as an application does. An error that wraps ErrRejected says that the engine
	// does not accept k at this setting.
	Ask(ctx context.Context, vector []float32, k int, s Setting) (Answer, error)
	// Exact asks for k answers without the index. It is not called if Index.NoExactScan.
	Exact(ctx context.Context, vector []float32, k int) (Answer, error)
	// Plan reports whether Ask uses the index.
	Plan(ctx context.Context, vector []float32, k int, s Setting) (Plan, error)
	// Vectors calls yield with each stored vector that matches the filter, except those for which the metric is undefined.
	Vectors(ctx context.Context, yield func(id string, vector []float32) error) error
	// Statement returns the statement or call with which an application sets s for queries for k answers.
	Statement(s Setting, k int) string
}

// ErrRejected is wrapped by the error of a query that the engine does not accept at a setting.
var ErrRejected = errors.New("the engine rejects the query")

// Index describes an index and how it is set now.
type Index struct {
	Name    string // of the table or collection
	Engine  string
	Version string // of the engine; "" if it is not known
	N, D    int    // number and dimension of the stored vectors
	Metric  ann.Metric

	Filter   *report.Filter // nil without a filter
	Matching int            // number of vectors that an answer can hold: N without a filter

	Effort      string        // the engine's name of efSearch
	Present     Setting       // the setting at which the engine runs now
	NoPresent   bool          // applications choose the setting with each query; Present then has only the scan
	Ladder      []Setting     // further settings that are asked by default
	Policy      engine.Policy // documented; the report has the observed one
	Uncounted   bool          // efSearch is not a number of answers, as ivfflat.probes: no policy is observed
	NoExactScan bool          // the engine has no exact scan: the truth is computed from the vectors

	Notes []string // what was found and left out: whole sentences
	How   []string // how the queries are asked: whole sentences
}

// Setting is how an engine searches.
type Setting struct {
	EfSearch int    // or the engine's own measure of effort
	Scan     string // the kind of search, if the engine has several, otherwise ""
}

// Query is a vector to search for.
type Query struct {
	Name   string // in the report: the ID of the stored vector, or the row of the given queries
	Stored bool   // Name is the ID of the stored vector that the query is
	Vector []float32
}

// Answer is the answer to a query as the engine returned it, nearest first. A nearer vector has a smaller distance.
type Answer struct {
	IDs       []string
	Distances []float64
	Took      time.Duration // from sending the query to the last row of the answer
}

// Target names an index. A driver uses the fields that its engine has.
type Target struct {
	Address string        // of the server, or the file of the database
	Name    string        // of the table or collection
	Column  string        // column, field or named vector; "" means the only one, where the engine can tell
	ID      string        // column that identifies a row; "" means the engine's own
	Filter  string        // in the engine's language; "" means none
	Metric  *ann.Metric   // nil means that of the index
	Timeout time.Duration // of a statement or request; zero means the default
}

// A Session is an Engine that must be closed.
type Session interface {
	Engine
	Close() error
}

// A Driver opens the indexes of an engine.
type Driver struct {
	Flag string // of the address, on the command line: "pgvector"
	Open func(context.Context, Target) (Session, error)
}

// Plan is how the engine answers a query.
type Plan struct {
	UsesIndex *bool  // nil if the engine has no plan to show
	Text      string // the plan in the engine's words, in one line
}
