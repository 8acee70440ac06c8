//go:build !hnswlib || !cgo

package hnswlib

import (
	"context"
	"errors"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

func version() string { return "" }

func absent() error { return errors.New("is not in this build") }

func open(context.Context, ann.Vectors, engine.Options) (engine.Adapter, error) { return nil, absent() }
