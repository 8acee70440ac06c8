//go:build faiss && cgo

package faiss

// #include "shim.h"
import "C"

import (
	"context"
	"unsafe"

	"anncapacity/lib/engine"
)

// AskBelow implements engine.Filterer with an IDSelectorBitmap, which is built for each query.
func (x *Index) AskBelow(ctx context.Context, query []float32, k int, below int32) (engine.Answer, error) {
	marks := make([]uint8, (x.n+7)/8)
	for id, a := range x.o.Attributes {
		if a < below {
			marks[id/8] |= 1 << (id % 8)
		}
	}
	distances, ids := make([]float32, k), make([]int64, k)
	err := call(ctx, func(thrown **C.char) {
		C.faiss_shim_search_marked(x.x, (*C.uint8_t)(&marks[0]), C.int64_t(len(marks)), floats(query), C.int64_t(k),
			floats(distances), (*C.int64_t)(unsafe.Pointer(&ids[0])), thrown)
	})
	if err != nil {
		return engine.Answer{}, err
	}
	return rows(distances, ids, k)[0], nil
}

// Delete implements engine.Deleter with remove_ids.
func (x *Index) Delete(ctx context.Context, ids []int32) error {
	long := make([]int64, len(ids))
	for i, id := range ids {
		long[i] = int64(id)
	}
	return call(ctx, func(thrown **C.char) {
		C.faiss_shim_remove(x.x, C.int64_t(len(long)), (*C.int64_t)(unsafe.Pointer(&long[0])), thrown)
	})
}
