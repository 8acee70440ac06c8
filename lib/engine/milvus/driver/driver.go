// Package driver runs Milvus through its Go client over gRPC: Milvus Lite and a full Milvus server, each started from a pinned
// wheel. If the environment variable MILVUS_ADDRESS names a full server, that one is used instead.
//
// Unlike a full Milvus, Milvus Lite 3.2.2 does not reject ef < k. It is written in Python and uses FAISS's IndexHNSWFlat, one
// for each segment of 128 MiB of rows, each of which is searched separately. When k exceeds ef, FAISS fills as many slots as
// its bounded search has points, more than ef, and Milvus Lite removes the empty ones: the answer is short and no error is
// returned.
//
// A full server does not index a segment of fewer than 1,024 rows, but compares a query with each of them.
//
// Distances are Milvus's scores: squared L2, the cosine or ⟨a, b⟩; for the last two, larger is nearer. A batch is sent in
// requests of 1,000 queries.
package driver

import (
	"context"
	"os"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/milvus"
	"anncapacity/lib/internal/checkout"
)

// Address is the name of the environment variable with the address, host:port, of a full server to use instead of one that is
// started here.
const Address = "MILVUS_ADDRESS"

// Engines returns the engines of package milvus with the driver. They are available if the wheels are installed; the full server
// also if Address is set.
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

	standalone        = "engines/milvus/milvus"
	standaloneRelease = "engines/lib/python3*/site-packages/milvus-*.dist-info"
)

func (w way) absent() error {
	needs := library
	if w.full {
		needs = standalone
	}
	if w.full && os.Getenv(Address) != "" {
		return nil
	}
	_, err := checkout.Installed(needs)
	return err
}
