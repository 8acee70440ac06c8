package walk

import (
	"context"

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
func (m Memory) Read(_ context.Context, units []int32, nearest *Scan) (entered int, err error) {
	for _, u := range units {
		entered += nearest.AddRows(m.Base, m.Layout.Unit(int(u)))
	}
	return entered, nil
}
