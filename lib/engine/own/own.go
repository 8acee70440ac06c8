// Package own provides the project's own search as engines: lib/exact, and lib/hnsw under each of its four policies.
// Distances are those of ann.Metric. Short answers are not padded.
package own

import (
	"context"
	"image/color"
	"runtime/debug"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/hnsw"
)

// Engines returns exact search and HNSW under each policy.
func Engines() []engine.Engine {
	all := []engine.Engine{Exact()}
	for _, p := range hnsw.Policies {
		all = append(all, graph(p))
	}
	return all
}

// Exact returns lib/exact as an engine.
func Exact() engine.Engine {
	e := ours("anncapacity-exact", "anncapacity exact")
	e.Policy, e.Documented, e.Open = engine.Exact, "exact", openExact
	return e
}

// graph returns lib/hnsw under one policy as an engine.
func graph(p hnsw.Policy) engine.Engine {
	e := ours("anncapacity-hnsw-"+strings.ToLower(p.String()), "anncapacity HNSW "+p.String())
	e.Effort = "hnsw.SearchOptions.EfSearch"
	e.Policy, e.Documented = documented(p)
	e.Filter, e.Delete = "Walker.Exclude: not returned, not counted towards efSearch", "marked, as by Walker.Exclude; links remain"
	e.Open = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
		return openHNSW(ctx, base, o, p)
	}
	return e
}

// documented returns the policy of package engine for p, and its description.
func documented(p hnsw.Policy) (engine.Policy, string) {
	switch p {
	case hnsw.Raise:
		return engine.Raises, "raises efSearch to k"
	case hnsw.Truncate:
		return engine.Truncates, "truncates at efSearch"
	case hnsw.Reject:
		return engine.Rejects, "rejects: an error"
	}
	return engine.Pads, "pads: the k nearest of what efSearch visits; the list is shorter where that is fewer"
}

// ours returns an Engine with the fields that all engines of this package share.
func ours(key, name string) engine.Engine {
	return engine.Engine{Key: key, Name: name, Family: "anncapacity", Color: color.RGBA{0, 0, 0, 255}, Metrics: ann.Metrics, Deterministic: true, Version: Version}
}

// Version returns the version of the module, and "this checkout" if the build states none.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "this checkout"
}

// answer returns a list of neighbours as an engine's answer.
func answer(list ann.Neighbors) engine.Answer {
	a := engine.Answer{IDs: make([]int32, len(list)), Distances: make([]float32, len(list))}
	for i, n := range list {
		a.IDs[i], a.Distances[i] = n.ID, n.Distance
	}
	return a
}
