// Package scann provides ScaNN (Guo et al., ICML 2020) as an engine: a partition by k-means, a scan of quantized vectors, and exact
// distances for the best of them. The package runs the pinned wheel, as released, in a side process.
//
// n points have √n leaves, half of which are searched; fewer than 100 points have no partition. efSearch is
// pre_reorder_num_neighbors, the number of candidates whose exact distances are computed. A search for one query returns at
// most that many. A batched search fills the missing slots with the ID 0, a real point, and the distance NaN. Under the
// inner product, and the cosine of normalized vectors, the quantization is anisotropic, and distances are inner products.
package scann

import (
	"context"
	_ "embed"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/internal/side"
)

//go:embed module.py
var module []byte

var program = side.Python("scann", module)

// Engines returns ScaNN, whether or not it is installed.
func Engines() []engine.Engine {
	return []engine.Engine{{
		Key: "scann", Name: "ScaNN", Family: "ScaNN", Color: color.RGBA{0x44, 0xaa, 0x99, 255},
		Policy: engine.Truncates, Documented: "truncates: at most pre_reorder_num_neighbors answers; a batch pads with ID 0 at distance NaN",
		Effort: "pre_reorder_num_neighbors", Metrics: ann.Metrics, Normalize: true,
		// The trial asks in batches, whose empty slots hold point 0.
		Trial:   engine.Trial{Shows: []engine.Policy{engine.Pads}, Repeats: true},
		Delete:  "ScannSearcher.delete: removes the vector from its leaf",
		Process: "a Python process that all its indexes share", Install: "make engines", Absent: program.Absent, Version: program.Version, Open: open,
	}}
}

// index is an index whose process may hold it in memory that an earlier index has freed, so that the process does not grow.
type index struct {
	*side.Index
	vectors int64 // bytes
}

func open(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
	x, err := program.OpenIndex(ctx, base, o)
	if err != nil {
		return nil, err
	}
	return index{x, 4 * int64(len(base.Data))}, nil
}

// Size returns the growth of the process's memory during the build, or the size of the vectors, if that is more.
func (x index) Size() engine.Size { return engine.Size{Memory: max(x.Index.Size().Memory, x.vectors)} }
