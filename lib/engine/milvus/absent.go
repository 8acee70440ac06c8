//go:build !milvus

package milvus

import (
	"context"
	"errors"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

func (way) version() string { return "" }

func absent() error {
	return errors.New("is not in this build: build or test with -tags milvus, after environment/setup.sh engines")
}

func (w way) build(context.Context, ann.Vectors, engine.Options) (engine.Index, error) {
	return nil, w.missing()
}
