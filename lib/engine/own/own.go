// Package own is the project's own search as engines among engines: lib/exact, and lib/hnsw under each of its four
// policies. Distances are those of ann.Metric; short lists are shorter, nothing is padded.
package own

import (
	"context"
	"fmt"
	"runtime/debug"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/hnsw"
)

var policies = map[hnsw.Policy]string{
	hnsw.Pad:      "pads: the k nearest of what efSearch visits; the list is shorter where that is fewer",
	hnsw.Raise:    "raises efSearch to k",
	hnsw.Truncate: "truncates at efSearch",
	hnsw.Reject:   "rejects: an error",
}

// Engines lists them.
func Engines() []engine.Engine {
	all := []engine.Engine{newEngine("anncapacity exact", "exact", openExact)}
	all[0].Exact = true
	for _, p := range hnsw.Policies {
		all = append(all, newEngine("anncapacity HNSW "+p.String(), policies[p], func(ctx context.Context, q question) (engine.Index, error) {
			return openHNSW(ctx, q, p)
		}))
	}
	return all
}

// question is what is to be built.
type question struct {
	base   ann.Vectors
	o      engine.Options
	bounds engine.Bounds
}

func newEngine(name, policy string, open func(context.Context, question) (engine.Index, error)) engine.Engine {
	e := engine.Engine{Name: name, Policy: policy, Metrics: ann.Metrics, Version: version, Missing: func() error { return nil }}
	e.Build = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Index, error) {
		o, err := e.CheckBuild(base, o)
		if err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", name, ctx.Err())
		}
		return open(ctx, question{base, o, engine.Bounds{Name: name, D: base.D, Metric: o.Metric}})
	}
	return e
}

// version is the module's, "(devel)" in a checkout.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// answer is a list as an engine gives it.
func answer(list ann.Neighbors) engine.Answer {
	a := engine.Answer{IDs: make([]int32, len(list)), Distances: make([]float32, len(list))}
	for i, n := range list {
		a.IDs[i], a.Distances[i] = n.ID, n.Distance
	}
	return a
}
