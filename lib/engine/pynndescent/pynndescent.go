// Package pynndescent provides PyNNDescent as an engine: a graph built by nearest-neighbour descent (Dong, Moses & Li, WWW
// 2011). The package runs the pinned wheel, as released, in a side process.
//
// PyNNDescent has no efSearch. A search keeps the k nearest points and continues while a candidate is nearer than 1 + ε times
// the k-th distance. SetEfSearch sets ε = efSearch / 500, so that efSearch 50 is PyNNDescent's default ε of 0.1. If a search
// finds fewer than k points, PyNNDescent 0.7.0 uses the −1 of an empty slot as an index into its table of IDs: the slot
// has the ID of a real point and the distance ∞, or its image under the metric. A search with k > n shows this.
//
// A process compiles PyNNDescent for each metric, which takes about half a minute. The memory of the first index of a metric
// includes compiled code. A batch is searched on one thread, PyNNDescent's default.
package pynndescent

import (
	_ "embed"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/internal/side"
)

//go:embed module.py
var module []byte

var program = side.Python("pynndescent", module)

// Engines returns PyNNDescent, whether or not it is installed.
func Engines() []engine.Engine {
	return []engine.Engine{{
		Key: "pynndescent", Name: "PyNNDescent", Family: "PyNNDescent", Color: color.RGBA{0xe6, 0x9f, 0x00, 255},
		Policy: engine.Raises, Documented: "has no efSearch (it sets ε = efSearch/500): keeps k", Effort: "epsilon of query, here efSearch / 500",
		Metrics: ann.Metrics, Process: "a Python process that all its indexes share",
		// It keeps k, but its search does not leave a cluster, and it takes the −1 of an empty slot as the last row in its own
		// order of the points.
		Trial:   engine.Trial{Shows: []engine.Policy{engine.Pads}, Repeats: true},
		Install: "make engines", Absent: program.Absent, Version: program.Version, Open: program.Open,
	}}
}
