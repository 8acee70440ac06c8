//go:build faiss && cgo

package faiss

// #cgo CXXFLAGS: -std=c++17 -O2 -fopenmp
// #cgo LDFLAGS: -lfaiss -llapack -lblas -lgomp
// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"math"
	"sync"
	"unsafe"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/hnsw"
)

func version() string { return C.GoString(C.faiss_shim_version()) }

func absent() error { return nil }

// mu serializes calls of FAISS, which has its own threads and whose interrupt applies to all calls.
var mu sync.Mutex

// Index implements engine.Batcher with a FAISS index.
type Index struct {
	n int
	o engine.Options
	x unsafe.Pointer
}

func open(ctx context.Context, base ann.Vectors, o engine.Options, k kind) (engine.Adapter, error) {
	options := C.faiss_shim_options{
		kind: C.int(k), n: C.int64_t(base.N), d: C.int(base.D), lists: C.int(lists(base.N)),
		m: C.int(o.M), ef_construction: C.int(o.EfConstruction), threads: C.int(o.Threads), seed: C.int64_t(o.Seed),
	}
	if o.Metric != ann.Euclidean {
		options.inner_product = 1
	}
	x := &Index{n: base.N, o: o}
	err := call(ctx, func(thrown **C.char) { x.x = C.faiss_shim_build(options, floats(base.Data), thrown) })
	return x, err
}

// lists returns the number of cells of an IVF index: 4√n, FAISS's guideline, but at most n/39, because its k-means requires 39
// points for each.
func lists(n int) int { return max(1, min(int(4*math.Sqrt(float64(n))), n/39)) }

func floats(data []float32) *C.float { return (*C.float)(unsafe.Pointer(unsafe.SliceData(data))) }

// call runs one call of FAISS and returns its exception as an error. When ctx ends, FAISS stops at its next check for an
// interrupt.
func call(ctx context.Context, f func(thrown **C.char)) error {
	mu.Lock()
	defer mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	var thrown *C.char
	release := stopWith(ctx)
	f(&thrown)
	release()
	if thrown == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(thrown))
	if err := ctx.Err(); err != nil {
		return err
	}
	return errors.New(C.GoString(thrown))
}

// stopWith interrupts FAISS when ctx ends, unless release is called before.
func stopWith(ctx context.Context) (release func()) {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		C.faiss_shim_interrupt(1)
		close(ended)
	})
	return func() {
		if !stop() {
			<-ended
		}
		C.faiss_shim_interrupt(0)
	}
}

// SetEfSearch sets efSearch or nprobe to ef, or to the number of points if ef is larger.
func (x *Index) SetEfSearch(ef int) error {
	x.setEffort(min(ef, x.n))
	return nil
}

func (x *Index) setEffort(ef int) {
	mu.Lock()
	defer mu.Unlock()
	C.faiss_shim_set_effort(x.x, C.int(ef))
}

// Ask implements engine.Adapter. It uses one thread.
func (x *Index) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	return engine.First(x.search(ctx, engine.One(query), k, 1))
}

// AskBatch implements engine.Batcher. It passes all queries to one call of FAISS.
func (x *Index) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	return x.search(ctx, queries, k, x.o.Threads)
}

func (x *Index) search(ctx context.Context, queries ann.Vectors, k, threads int) ([]engine.Answer, error) {
	distances, ids := make([]float32, queries.N*k), make([]int64, queries.N*k)
	err := call(ctx, func(thrown **C.char) {
		C.faiss_shim_search(x.x, C.int(threads), C.int64_t(queries.N), floats(queries.Data), C.int64_t(k),
			floats(distances), (*C.int64_t)(unsafe.Pointer(&ids[0])), thrown)
	})
	if err != nil {
		return nil, err
	}
	return rows(distances, ids, k), nil
}

// rows splits FAISS's tables into answers of k slots. IDs fit into int32 because the base has no more rows.
func rows(distances []float32, ids []int64, k int) []engine.Answer {
	answers := make([]engine.Answer, len(ids)/k)
	short := make([]int32, len(ids))
	for i, id := range ids {
		short[i] = int32(id)
	}
	for i := range answers {
		answers[i] = engine.Answer{IDs: short[i*k : (i+1)*k : (i+1)*k], Distances: distances[i*k : (i+1)*k : (i+1)*k]}
	}
	return answers
}

// Size returns the memory of FAISS's vectors, links and lists.
func (x *Index) Size() engine.Size {
	mu.Lock()
	defer mu.Unlock()
	return engine.Size{Memory: int64(C.faiss_shim_bytes(x.x))}
}

// Close frees FAISS's memory.
func (x *Index) Close() error {
	mu.Lock()
	defer mu.Unlock()
	C.faiss_shim_free(x.x)
	return nil
}

// Graph returns a copy of FAISS's graph for lib/hnsw. It returns an error if the index is not an HNSW index.
func (x *Index) Graph() (*hnsw.Graph, error) {
	mu.Lock()
	defer mu.Unlock()
	g := C.faiss_shim_links(x.x)
	if g.nodes == 0 {
		return nil, errors.New("has no graph")
	}
	level := make([]uint8, g.nodes)
	for i, l := range unsafe.Slice((*int32)(unsafe.Pointer(g.levels)), g.nodes) {
		level[i] = uint8(l - 1)
	}
	links := unsafe.Slice((*int32)(unsafe.Pointer(g.neighbors)), g.links)
	o := hnsw.Options{M: x.o.M, EfConstruction: x.o.EfConstruction, Seed: x.o.Seed}
	return hnsw.Import(o, hnsw.Links{Level: level, Slots: links, EntryPoint: int32(g.entry_point)})
}
