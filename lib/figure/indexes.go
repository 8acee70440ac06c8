package figure

import (
	"anncapacity/lib/engine/coderhnsw"
	"anncapacity/lib/internal/plate"
)

// indexCoderHNSW is what records call coder/hnsw.
var indexCoderHNSW = coderhnsw.Engine().Key

// label is what a legend calls the index.
func label(index string) string {
	if index == indexCoderHNSW {
		return "coder/hnsw " + coderhnsw.Version
	}
	return "HNSW (this project)"
}

// styleOf is the style of the i-th setting of an index: shades for the project's, dashed greys for coder/hnsw.
func styleOf(index string, i int) plate.Style {
	if index == indexCoderHNSW {
		return plate.DashedGrey(i)
	}
	return plate.Shade(i)
}
