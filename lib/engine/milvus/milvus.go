// Package milvus is Milvus by its own Go client over gRPC: Milvus Lite, started from a pinned wheel, and a full Milvus
// where the environment variable MILVUS_ADDRESS (host:port) names one. It is in a build with the tag milvus, because the
// client draws in etcd, OpenTelemetry, Prometheus and a hundred more modules (30 MB of an executable, a minute of compiling).
//
// Milvus Lite 3.2.2 is not the Milvus that rejects ef < k: it is written in Python around FAISS's IndexHNSWFlat, one for each
// segment (128 MiB of rows; several segments search and fill as many times). When k exceeds ef, FAISS fills the slots that its
// bounded search has points for, more than ef of them, and Milvus Lite leaves the others out: the answer is short, not an error.
//
// Distances are Milvus's scores: squared L2, or the cosine or ⟨a, b⟩, where nearer is larger. A batch is one request for each
// 1,000 queries.
package milvus

import (
	"context"
	"fmt"
	"os"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/process"
)

// Address is the environment variable that names a full server.
const Address = "MILVUS_ADDRESS"

// way is one index of one server.
type way struct {
	name, policy string
	full, exact  bool
}

var ways = []way{
	{"Milvus Lite FLAT", "exact: compares with every vector", false, true},
	{"Milvus Lite HNSW", "pads as FAISS does, bounded by ef, and leaves the empty slots out: fewer than k", false, false},
	{"Milvus HNSW", "rejects: an error when ef is less than k", true, false},
}

// Engines lists them, whether or not they can be had here.
func Engines() []engine.Engine {
	all := make([]engine.Engine, len(ways))
	for i, w := range ways {
		e := engine.Engine{
			Name: w.name, Policy: w.policy, Metrics: ann.Metrics, Exact: w.exact,
			Version: w.version, Missing: w.missing,
		}
		e.Build = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Index, error) {
			o, err := e.CheckBuild(base, o)
			if err != nil {
				return nil, err
			}
			return w.build(ctx, base, o)
		}
		all[i] = e
	}
	return all
}

// What environment/setup.sh engines installs, below .local.
const (
	python  = "engines/bin/python"
	library = "engines/lib/python3*/site-packages/milvus_lite"
	release = "engines/lib/python3*/site-packages/milvus_lite-*.dist-info"
	faiss   = "engines/lib/python3*/site-packages/faiss_cpu-*.dist-info"
)

func (w way) missing() error {
	err := absent()
	//lint:ignore SA4023 it is nil in a build with -tags milvus
	if err == nil && w.full && os.Getenv(Address) == "" {
		err = fmt.Errorf("no server: its packages hold none. Start one as milvus.io says and set %s=host:port", Address)
	}
	if err == nil && !w.full {
		_, err = process.Find(library)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	return nil
}
