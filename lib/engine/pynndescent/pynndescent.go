// Package pynndescent provides PyNNDescent as an engine: a graph built by nearest-neighbour descent (Dong, Moses & Li, WWW
// 2011). The package runs the pinned wheel, as released, in a Python process and exchanges npy frames with it over a socket.
//
// PyNNDescent has no efSearch. A search keeps the k nearest points and continues while a candidate is nearer than 1 + ε times
// the k-th distance. SetEfSearch sets ε = efSearch / 500, so that efSearch 50 is PyNNDescent's default ε of 0.1. If a search
// finds fewer than k points, PyNNDescent 0.7.0 uses the −1 of an empty slot as an index into its table of IDs: the slot
// has the ID of a real point and the distance ∞, or its image under the metric. A search with k > n shows this.
//
// A Python process compiles PyNNDescent for each metric, which takes about half a minute. All open indexes share one process.
package pynndescent

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"os/exec"
	"strings"
	"sync"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/checkout"
)

const (
	python = "engines/bin/python"
	wheel  = "engines/lib/python*/site-packages/pynndescent"
)

var metrics = map[ann.Metric]string{ann.Euclidean: "euclidean", ann.Cosine: "cosine", ann.InnerProduct: "inner_product"}

// Engines returns PyNNDescent, whether or not it is installed.
func Engines() []engine.Engine {
	return []engine.Engine{{
		Key: "pynndescent", Name: "PyNNDescent", Family: "PyNNDescent", Color: color.RGBA{0xe6, 0x9f, 0x00, 255},
		Policy: engine.Raises, Documented: "has no efSearch (it sets ε = efSearch/500): keeps k", Effort: "epsilon of query, here efSearch / 500",
		Metrics: ann.Metrics, Process: "a Python process, started for each index",
		// It keeps k, but its search does not leave a cluster, and it takes the −1 of an empty slot as the last row in its own
		// order of the points.
		Trial:   engine.Trial{Shows: []engine.Policy{engine.Pads}, Repeats: true},
		Install: "make engines", Absent: absent, Version: version, Open: open,
	}}
}

func absent() error {
	for _, path := range []string{python, wheel} {
		if _, err := checkout.Installed(path); err != nil {
			return err
		}
	}
	return nil
}

// version returns the version of the wheel.
var version = sync.OnceValue(func() string {
	interpreter, err := checkout.Installed(python)
	if err != nil {
		return ""
	}
	out, err := exec.Command(interpreter, "-c", "import importlib.metadata as m; print(m.version('pynndescent'))").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
})

// index implements engine.Batcher with an index of the Python process.
type index struct {
	id      int
	memory  int64
	epsilon float64
	server  *server
}

// epsilonPerEf is ε / efSearch. At efSearch 50, ε is 0.1, PyNNDescent's default.
const epsilonPerEf = 1.0 / 500

func open(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
	s, err := acquire(ctx)
	if err != nil {
		return nil, err
	}
	x := &index{server: s, id: s.nextID()}
	before := s.process.Memory()
	_, err = s.exchange(ctx, request{
		Do: "build", Index: x.id, N: base.N, D: base.D, Metric: metrics[o.Metric], Neighbors: min(o.M, base.N-1),
		Seed: uint32(o.Seed), Threads: o.Threads, vectors: base.Data,
	})
	if err != nil {
		return nil, errors.Join(err, x.Close())
	}
	x.memory = max(0, s.process.Memory()-before)
	return x, nil
}

// nextID returns the ID of a new index.
func (s *server) nextID() int {
	current.Lock()
	defer current.Unlock()
	s.indexes++
	return s.indexes
}

// SetEfSearch sets ε.
func (x *index) SetEfSearch(ef int) error {
	x.epsilon = float64(ef) * epsilonPerEf
	return nil
}

func (x *index) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	return engine.First(x.AskBatch(ctx, engine.One(query), k))
}

// AskBatch implements engine.Batcher. It sends all rows in one request; PyNNDescent searches on one thread, its default.
func (x *index) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	r, err := x.server.exchange(ctx, request{Do: "ask", Index: x.id, N: queries.N, D: queries.D, K: k, Epsilon: x.epsilon, vectors: queries.Data})
	if err != nil {
		return nil, err
	}
	if len(r.ids) != queries.N*r.K || len(r.distances) != len(r.ids) {
		return nil, fmt.Errorf("%d IDs and %d distances for %d queries", len(r.ids), len(r.distances), queries.N)
	}
	answers := make([]engine.Answer, queries.N)
	for i := range answers {
		from, to := i*r.K, (i+1)*r.K
		answers[i] = engine.Answer{IDs: r.ids[from:to:to], Distances: r.distances[from:to:to]}
	}
	return answers, nil
}

// Size returns the growth of the process's memory during the build. That of the first index of a metric includes compiled
// code.
func (x *index) Size() engine.Size { return engine.Size{Memory: x.memory} }

// Close closes the index, and stops the process if no other index is open.
func (x *index) Close() error {
	if x.server.process.Err() == nil {
		// An error is one of the process, which stops with the last index.
		_, _ = x.server.exchange(context.Background(), request{Do: "close", Index: x.id})
	}
	return x.server.release()
}
