package hnsw

import (
	"fmt"
	"slices"
)

// Links holds the levels and links of a graph that another engine has built.
type Links struct {
	Level      []uint8 // highest level of each node
	Slots      []int32 // per node 2M slots for level 0, then M for each level above; unused slots at the end of a list are −1
	EntryPoint int32
}

// Import returns a Graph with links that another engine has built with the given options. It copies the links. It returns
// an error if they are invalid.
func Import(o Options, links Links) (*Graph, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if len(links.Level) == 0 {
		return nil, fmt.Errorf("hnsw: the graph has no nodes")
	}
	g := newGraph(o, slices.Clone(links.Level))
	if len(links.Slots) != len(g.links) {
		return nil, fmt.Errorf("hnsw: %d slots of links, but the levels require %d", len(links.Slots), len(g.links))
	}
	copy(g.links, links.Slots)
	g.entryPoint = links.EntryPoint
	return g, g.check()
}
