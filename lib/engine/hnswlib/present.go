//go:build hnswlib && cgo

package hnswlib

// #cgo CXXFLAGS: -std=c++17 -O3 -march=native
// #cgo LDFLAGS: -lstdc++
// #include <stdlib.h>
// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"unsafe"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/parallel"
)

// version returns the version of the Debian package, because the headers do not state theirs.
var version = sync.OnceValue(func() string {
	out, err := exec.Command("dpkg-query", "--show", "--showformat=${Version}", "libhnswlib-dev").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
})

func absent() error { return nil }

// index implements engine.Adapter with an hnswlib index.
type index struct {
	n int
	x unsafe.Pointer
}

func open(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
	co := C.hnswlib_options{n: C.int64_t(base.N), d: C.int(base.D), m: C.int(o.M), ef_construction: C.int(o.EfConstruction), seed: C.int64_t(o.Seed)}
	if o.Metric != ann.Euclidean {
		co.inner_product = 1
	}
	x := &index{n: base.N}
	if err := thrown(C.hnswlib_new(co, &x.x)); err != nil {
		return nil, err
	}
	if err := x.fill(ctx, base, o); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}

// fill adds the first point on its own, as hnswlib's Python module does, then the others from Options.Threads goroutines.
func (x *index) fill(ctx context.Context, base ann.Vectors, o engine.Options) error {
	if err := x.add(base, 0); err != nil {
		return err
	}
	var reporting sync.Mutex
	err := parallel.EachOn(ctx, base.N-1, o.Threads, func() (func(i int) error, error) {
		return func(i int) error {
			if err := x.add(base, i+1); err != nil {
				return err
			}
			reporting.Lock()
			defer reporting.Unlock()
			o.ReportPoint(i+2, base.N, "points")
			return nil
		}, nil
	})
	return err
}

func (x *index) add(base ann.Vectors, i int) error {
	return thrown(C.hnswlib_add(x.x, floats(base.Row(i)), C.int64_t(i)))
}

func floats(data []float32) *C.float { return (*C.float)(unsafe.Pointer(unsafe.SliceData(data))) }

// thrown returns the text of an hnswlib exception as an error, nil for nil, and frees the text.
func thrown(text *C.char) error {
	if text == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(text))
	return errors.New(C.GoString(text))
}

func (x *index) SetEfSearch(ef int) error {
	C.hnswlib_set_ef(x.x, C.int64_t(ef))
	return nil
}

func (x *index) Ask(_ context.Context, query []float32, k int) (engine.Answer, error) {
	room := min(k, x.n) // the maximum length of an answer
	a := engine.Answer{IDs: make([]int32, room), Distances: make([]float32, room)}
	var found C.int64_t
	err := thrown(C.hnswlib_search(x.x, floats(query), C.int64_t(k), floats(a.Distances), (*C.int32_t)(unsafe.Pointer(&a.IDs[0])), &found))
	return engine.Answer{IDs: a.IDs[:found], Distances: a.Distances[:found]}, err
}

// Delete implements engine.Deleter.
func (x *index) Delete(_ context.Context, ids []int32) error {
	for _, id := range ids {
		if err := thrown(C.hnswlib_mark_deleted(x.x, C.int64_t(id))); err != nil {
			return err
		}
	}
	return nil
}

// Size returns the memory of vectors, links, locks and levels.
func (x *index) Size() engine.Size { return engine.Size{Memory: int64(C.hnswlib_bytes(x.x))} }

func (x *index) Close() error {
	C.hnswlib_free(x.x)
	return nil
}
