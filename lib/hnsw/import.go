package hnsw

import (
	"errors"
	"fmt"
	"slices"
)

// Links holds the levels and links of a graph that another engine has built.
type Links struct {
	Level      []uint8 // highest level of each node
	Slots      []int32 // per node Ground slots for level 0, then M for each level above; unused slots at the end of a list are −1
	EntryPoint int32
	Ground     int // slots on level 0; zero means 2M
}

// Range of M of an imported graph, and the most slots on level 0.
const minImported, maxImported, maxGround = 1, 10000, 20000

// Import returns a Graph with links that another engine has built with the given options. M can be 1 to 10000. It copies
// the links. It returns an error if they are invalid.
func Import(o Options, links Links) (*Graph, error) {
	links.Level, links.Slots = slices.Clone(links.Level), slices.Clone(links.Slots)
	return Adopt(o, links)
}

// Adopt is like Import, but does not copy the links, which must not be modified later.
func Adopt(o Options, links Links) (*Graph, error) {
	m := o.M
	o.M = 0
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if m != 0 {
		o.M = m
	}
	ground := links.Ground
	if ground == 0 {
		ground = 2 * o.M
	}
	switch {
	case o.M < minImported || o.M > maxImported:
		return nil, fmt.Errorf("hnsw: M = %d: must be %d to %d", o.M, minImported, maxImported)
	case ground < 1 || ground > maxGround:
		return nil, fmt.Errorf("hnsw: %d slots on level 0: must be 1 to %d", ground, maxGround)
	case len(links.Level) == 0:
		return nil, errors.New("hnsw: the graph has no nodes")
	}
	g := emptyGraph(o, links.Level, ground)
	if len(links.Slots) != g.size() {
		return nil, fmt.Errorf("hnsw: %d slots of links, but the levels require %d", len(links.Slots), g.size())
	}
	g.links, g.entryPoint = links.Slots, links.EntryPoint
	return g, g.check()
}
