// Package pynndescent is PyNNDescent, a graph built by neighbour descent (Dong, Moses & Li, WWW 2011), from its pinned
// wheel in a Python process that is spoken to over a socket in npy frames. It is asked as released and not written
// again in Go: what matters here is what this engine answers.
//
// It has no efSearch. A search keeps the k nearest and goes on while anything is nearer than 1 + ε times the k-th; efSearch
// sets ε = efSearch / 500, so that 50 is its default of 0.1. Where it finds fewer than k, its empty slots (−1) are looked up
// in a table of IDs and come back as the ID of one real point, at distance ∞ (or what its metric makes of that): v0.7.0,
// k > n shows it.
//
// Every process compiles PyNNDescent for each metric, about half a minute; all open indexes of this process share one.
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
		Metrics: ann.Metrics,
		// It keeps k, but its search does not leave a cluster, and it takes the −1 of an empty slot for the last row of its own
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

// version is that of the wheel.
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

type index struct {
	id      int
	memory  int64
	epsilon float64
	server  *server
}

// epsilonPerEf makes efSearch 50 PyNNDescent's own ε of 0.1.
const epsilonPerEf = 1.0 / 500

func open(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
	s, err := acquire(ctx)
	if err != nil {
		return nil, err
	}
	x := &index{server: s, id: s.number()}
	before := s.process.Memory()
	_, err = s.exchange(ctx, order{
		Do: "build", Index: x.id, N: base.N, D: base.D, Metric: metrics[o.Metric], Neighbors: min(o.M, base.N-1),
		Seed: uint32(o.Seed), Threads: o.Threads, vectors: base.Data,
	})
	if err != nil {
		return nil, errors.Join(err, x.Close())
	}
	x.memory = max(0, s.process.Memory()-before)
	return x, nil
}

// number is one that no other index has.
func (s *server) number() int {
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

// AskBatch hands over all rows at once; PyNNDescent answers them on one thread, which is its default.
func (x *index) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	r, err := x.server.exchange(ctx, order{Do: "ask", Index: x.id, N: queries.N, D: queries.D, K: k, Epsilon: x.epsilon, vectors: queries.Data})
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

// Size is by how much the process grew while it built; the first index of a metric brings compiled code with it.
func (x *index) Size() engine.Size { return engine.Size{Memory: x.memory} }

// Close ends the process with its last index.
func (x *index) Close() error {
	if x.server.process.Err() == nil {
		// An error here is one of the process, and it ends with the last index anyhow.
		_, _ = x.server.exchange(context.Background(), order{Do: "close", Index: x.id})
	}
	return x.server.release()
}
