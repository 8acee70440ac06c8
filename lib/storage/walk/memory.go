package walk

import (
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/layout"
)

// Memory reads the units of a layout from vectors in memory. It gives the answers of a file with the same layout, without the
// file.
type Memory struct {
	Base   ann.Coordinates
	Layout layout.Layout
	Pages  func(vectors int) int // number of pages that a unit of so many vectors takes in a file
}

// Units implements Reader.
func (m Memory) Units() int { return m.Layout.Units() }

// Size implements Reader.
func (m Memory) Size(unit int32) (vectors, pages int) {
	vectors = m.Layout.Size(int(unit))
	return vectors, m.Pages(vectors)
}

// Read implements Reader.
func (m Memory) Read(query []float32, units []int32, nearest *Nearest) error {
	if len(query) != m.Base.D {
		return fmt.Errorf("query has %d dimensions, the base %d", len(query), m.Base.D)
	}
	for _, u := range units {
		for _, id := range m.Layout.Unit(int(u)) {
			nearest.Add(id, m.Base.SquaredL2(query, int(id)))
		}
	}
	return nil
}
