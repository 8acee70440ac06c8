// Package driver runs Milvus through its Go client over gRPC: Milvus Lite, started from a pinned wheel, and a full Milvus
// server, whose address is in the environment variable MILVUS_ADDRESS.
//
// Unlike a full Milvus, Milvus Lite 3.2.2 does not reject ef < k. It is written in Python and uses FAISS's IndexHNSWFlat, one
// for each segment of 128 MiB of rows, each of which is searched separately. When k exceeds ef, FAISS fills as many slots as
// its bounded search has points, more than ef, and Milvus Lite removes the empty ones: the answer is short and no error is
// returned.
//
// Distances are Milvus's scores: squared L2, the cosine or ⟨a, b⟩; for the last two, larger is nearer. A batch is sent in
// requests of 1,000 queries.
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

// Address is the name of the environment variable with the address of a full server.
const Address = "MILVUS_ADDRESS"

// Engines returns the engines of package milvus with the driver. They are available if Milvus Lite is installed or the server
// is named.
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

// way is a kind of server and a kind of index.
type way struct {
	full  bool // a full server, not Milvus Lite
	exact bool
}

// Paths below .local of what environment/setup.sh engines installs.
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
