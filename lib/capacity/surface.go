package capacity

import (
	"math"

	"anncapacity/lib/study"
)

const surfaceFile = "surface.csv"

// SurfaceRow holds the overlap at one (k, efSearch).
type SurfaceRow struct {
	K        int     `csv:"k"`
	EfSearch int     `csv:"ef_search"`
	Overlap  float64 `csv:"overlap"`
}

// surface returns the overlap at every k and every efSearch of surfaceEfSearch.
func surface(w *walks) (rows []SurfaceRow) {
	for _, ef := range surfaceEfSearch() {
		for _, k := range study.Ks() {
			rows = append(rows, SurfaceRow{k, ef, w.overlap(k, ef)})
		}
	}
	return rows
}

// surfaceEfSearch returns the values of efSearch of the surface: from 2 to 1,024, four per doubling.
func surfaceEfSearch() []int {
	var efs []int
	for e := 2.0; e <= 1024.5; e *= math.Pow(2, .25) {
		if ef := int(math.Round(e)); len(efs) == 0 || efs[len(efs)-1] != ef {
			efs = append(efs, ef)
		}
	}
	return efs
}
