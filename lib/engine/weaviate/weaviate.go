// Package weaviate describes Weaviate's HNSW index. Package driver runs it. It is a separate module, because Weaviate's index package
// depends on a hundred modules, a download of 52 MB, which add a minute to a build.
package weaviate

import (
	"errors"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Engines returns Weaviate's index without the driver. It is not available; the error of Missing says how to install it.
func Engines() []engine.Engine {
	w := engine.Weaviate
	return []engine.Engine{{
		Key: w.Key, Name: w.Name, Family: "Weaviate", Color: color.RGBA{0x77, 0x77, 0x77, 255},
		Policy: w.Policy, Documented: w.Documented, Effort: w.Effort, Metrics: ann.Metrics,
		Filter: "where, evaluated first: compares with each vector that matches if these are fewer than flatSearchCutoff (40,000); " +
			"above, the graph by filterStrategy (acorn)",
		Delete:  "delete: a tombstone, walked through, not returned; every 5 minutes a cleanup removes the nodes and links their neighbours anew",
		Install: "make engines",
		Absent:  func() error { return errors.New("is not in this build") },
		Version: func() string { return "" },
	}}
}
