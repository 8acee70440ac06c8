//go:build !hnswlib || !cgo

package hnswlib

import (
	"context"
	"errors"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

func version() string { return "" }

func missing() error {
	return errors.New(name + ": is not in this build: apt-get install libhnswlib-dev, then build or test with -tags hnswlib")
}

func open(context.Context, ann.Vectors, engine.Options) (engine.Index, error) { return nil, missing() }
