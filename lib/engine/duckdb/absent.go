//go:build !duckdb || !cgo

package duckdb

import (
	"context"
	"errors"

	"anncapacity/lib/engine"
)

func version() string { return "" }

func absent() error {
	return errors.New("is not in this build: build or test with -tags duckdb, after environment/setup.sh engines")
}

func open(_ context.Context, q question) (engine.Index, error) { return nil, missing(q.name) }
