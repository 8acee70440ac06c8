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

// Count implements Counter.
func (m Memory) Count(units []int32) (s Step) {
	for _, u := range units {
		vectors := m.Layout.Size(int(u))
		s.Vectors += vectors
		s.Pages += m.Pages(vectors)
	}
	return s
}

// Read implements Reader.
func (m Memory) Read(_ context.Context, units []int32, nearest *Scan) (Step, error) {
	s := m.Count(units)
	for _, u := range units {
		s.Entered += nearest.AddRows(m.Base, m.Layout.Unit(int(u)))
	}
	return s, nil
}
