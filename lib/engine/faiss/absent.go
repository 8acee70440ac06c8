//go:build !faiss || !cgo

package faiss

import (
	"context"
	"fmt"

	"anncapacity/lib/engine"
)

func version() string { return "" }

func missing(name string) error {
	return fmt.Errorf("%s: is not in this build: apt-get install libfaiss-dev libopenblas-openmp-dev, then build or test with -tags faiss", name)
}

func open(_ context.Context, q question) (engine.Index, error) { return nil, missing(q.name) }
