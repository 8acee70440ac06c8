package hnsw

import (
	"fmt"
	"slices"
)

// Links are a graph as another engine keeps it.
type Links struct {
	Level      []uint8 // highest level of each node
	Slots      []int32 // per node 2M slots for level 0, then M for each level above; −1 behind the end of a list
	EntryPoint int32
}

// Import makes a Graph of links that another engine has built with the options; nothing is kept of what it is given.
// Links that no graph could have are an error.
func Import(o Options, links Links) (*Graph, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if len(links.Level) == 0 {
		return nil, fmt.Errorf("hnsw: a graph of no nodes")
	}
	g := newGraph(o, slices.Clone(links.Level))
	if len(links.Slots) != len(g.links) {
		return nil, fmt.Errorf("hnsw: %d slots of links; the levels ask for %d", len(links.Slots), len(g.links))
	}
	copy(g.links, links.Slots)
	g.entryPoint = links.EntryPoint
	return g, g.check()
}
