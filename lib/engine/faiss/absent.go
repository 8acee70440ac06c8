//go:build !faiss || !cgo

package faiss

import (
	"context"
	"errors"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

func version() string { return "" }

func absent() error { return errors.New("is not in this build") }

func open(context.Context, ann.Vectors, engine.Options, kind) (engine.Adapter, error) {
	return nil, absent()
}
