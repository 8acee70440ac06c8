package figure

import (
	"anncapacity/lib/engine/coderhnsw"
	"anncapacity/lib/internal/plate"
)

// coder describes coder/hnsw, the second index of the study.
var coder = coderhnsw.Engines()[0]

// label returns the name of an index in legends.
func label(index string) string {
	if index == coder.Key {
		return coder.Name + " " + coder.Version()
	}
	return "HNSW (this project)"
}

// styleOf returns the style of the i-th setting of an index: shades for the project's index, dashed greys for coder/hnsw.
func styleOf(index string, i int) plate.Style {
	if index == coder.Key {
		return plate.DashedGrey(i)
	}
	return plate.Shade(i)
}
