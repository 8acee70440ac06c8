// Package driver runs Milvus by its own Go client over gRPC: Milvus Lite, started from a pinned wheel, and a full Milvus
// where the environment variable MILVUS_ADDRESS names one.
//
// Milvus Lite 3.2.2 is not the Milvus that rejects ef < k: it is written in Python around FAISS's IndexHNSWFlat, one for each
// segment (128 MiB of rows; several segments search and fill as many times). When k exceeds ef, FAISS fills the slots that its
// bounded search has points for, more than ef of them, and Milvus Lite leaves the others out: the answer is short, not an error.
//
// Distances are Milvus's scores: squared L2, or the cosine or ⟨a, b⟩, where nearer is larger. A batch is one request for each
// 1,000 queries.
package driver

import (
	"context"
	"errors"
	"os"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/milvus"
	"anncapacity/lib/internal/checkout"
)

// Address is the environment variable that names a full server.
const Address = "MILVUS_ADDRESS"

// Engines returns the engines of package milvus, which can be had where Milvus Lite or a server is.
func Engines() []engine.Engine {
	all := milvus.Engines()
	for i := range all {
		e := &all[i]
		w := way{full: e.Policy == engine.Rejects, exact: e.Exact()}
		e.Absent, e.Version = w.absent, w.version
		e.Open = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
			return open(ctx, base, o, w)
		}
	}
	return all
}

// way is one index of one server.
type way struct {
	full  bool // not Milvus Lite
	exact bool
}

// What environment/setup.sh engines installs, below .local.
const (
	python  = "engines/bin/python"
	library = "engines/lib/python3*/site-packages/milvus_lite"
	release = "engines/lib/python3*/site-packages/milvus_lite-*.dist-info"
	faiss   = "engines/lib/python3*/site-packages/faiss_cpu-*.dist-info"
)

func (w way) absent() error {
	if !w.full {
		_, err := checkout.Installed(library)
		return err
	}
	if os.Getenv(Address) == "" {
		return errors.New("its packages hold no server")
	}
	return nil
}
