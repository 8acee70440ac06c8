package hnsw

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/internal/memory"
)

// Graph holds the levels and links of an index. It is immutable. Node IDs are 0 … Len()−1.
type Graph struct {
	options    Options
	entryPoint int32   // a node of the highest level, where every search begins
	level      []uint8 // highest level of each node
	ground     int     // slots of a node for level 0
	above      []int   // per block of nodes the sum of level of all earlier nodes; one more entry than blocks
	links      []int32 // per node slots for level 0, then M for each level above; noLink ends a list early
}

const noLink = -1

// levelBlock is the number of nodes of a block of Graph.above: their levels fill a word.
const levelBlock = 8

// newGraph returns a graph with the given levels, with 2M slots on level 0 and without links.
func newGraph(o Options, level []uint8) *Graph {
	g := emptyGraph(o, level, 2*o.M)
	g.links = make([]int32, g.size())
	memory.Advise(g.links)
	for i := range g.links {
		g.links[i] = noLink
	}
	return g
}

// emptyGraph returns a graph with the given levels and ground slots on level 0. Its links must be set.
func emptyGraph(o Options, level []uint8, ground int) *Graph {
	g := &Graph{options: o, level: level, ground: ground, entryPoint: noLink}
	g.above = make([]int, 1, 1+(len(level)+levelBlock-1)/levelBlock)
	sum := 0
	for block := range slices.Chunk(level, levelBlock) {
		for _, l := range block {
			sum += int(l)
		}
		g.above = append(g.above, sum)
	}
	return g
}

// size returns the number of slots of all nodes.
func (g *Graph) size() int { return g.Len()*g.ground + g.above[len(g.above)-1]*g.options.M }

// Len returns the number of nodes.
func (g *Graph) Len() int { return len(g.level) }

// Options returns the parameters that the graph was built with.
func (g *Graph) Options() Options { return g.options }

// EntryPoint returns the node where every search begins.
func (g *Graph) EntryPoint() int32 { return g.entryPoint }

// Level returns the highest level of a node.
func (g *Graph) Level(id int32) int { return int(g.level[id]) }

// Links returns the nodes that id links to on a level. The result is a view that must not be modified.
func (g *Graph) Links(id int32, level int) []int32 {
	slots := g.slots(id, level)
	if i := slices.Index(slots, noLink); i >= 0 {
		return slots[:i]
	}
	return slots
}

// slots returns all slots of a list of links; unused slots at the end hold noLink.
func (g *Graph) slots(id int32, level int) []int32 {
	m := g.options.M
	start := g.first(id)
	if level == 0 {
		return g.links[start : start+g.ground]
	}
	start += g.ground + (level-1)*m
	return g.links[start : start+m]
}

// first returns where the slots of a node begin in g.links.
func (g *Graph) first(id int32) int {
	block, within := int(id)/levelBlock, int(id)%levelBlock
	sum := g.above[block]
	if begin := block * levelBlock; begin+levelBlock <= len(g.level) {
		sum += sumOf(binary.LittleEndian.Uint64(g.level[begin:]) &^ (math.MaxUint64 << (8 * within)))
	} else {
		for _, l := range g.level[begin:id] {
			sum += int(l)
		}
	}
	return int(id)*g.ground + sum*g.options.M
}

// sumOf returns the sum of the eight bytes of a word.
func sumOf(word uint64) int {
	const even = 0x00ff00ff00ff00ff
	return int((word&even + word>>8&even) * 0x0001000100010001 >> 48)
}

// MeanLinks returns the mean number of links per node on level 0.
func (g *Graph) MeanLinks() float64 {
	sum := 0
	for i := range int32(g.Len()) {
		sum += len(g.Links(i, 0))
	}
	return float64(sum) / float64(g.Len())
}

// check returns an error that describes the first invalid entry point or link. Graphs from files are checked.
func (g *Graph) check() error {
	n := int32(g.Len())
	if g.entryPoint < 0 || g.entryPoint >= n {
		return fmt.Errorf("entry point %d of %d nodes", g.entryPoint, n)
	}
	if top := slices.Max(g.level); g.level[g.entryPoint] != top {
		return fmt.Errorf("entry point %d is on level %d, the highest level is %d", g.entryPoint, g.level[g.entryPoint], top)
	}
	for id := range n {
		for level := range g.Level(id) + 1 {
			slots := g.slots(id, level)
			links := g.Links(id, level)
			for i, to := range slots {
				switch {
				case i >= len(links) && to != noLink:
					return fmt.Errorf("node %d, level %d: link to %d after the end of the list", id, level, to)
				case i >= len(links):
				case to < 0 || to >= n:
					return fmt.Errorf("node %d, level %d: link to %d of %d nodes", id, level, to, n)
				case to == id:
					return fmt.Errorf("node %d, level %d: link to itself", id, level)
				case g.Level(to) < level:
					return fmt.Errorf("node %d, level %d: link to %d, which is on level %d only", id, level, to, g.Level(to))
				}
			}
		}
	}
	return nil
}

// Unreachable returns the number of nodes that no path on level 0 connects to the entry point. A walk that begins at the
// entry point does not find them. (A walk begins where the descent ends; few nodes are reachable only from the upper levels.)
func (g *Graph) Unreachable() int {
	_, reached := g.reach(0)
	return g.Len() - reached
}

// Reachable reports, for each node, whether a path on any levels connects the entry point to it. No search visits other nodes.
func (g *Graph) Reachable() []bool {
	seen, _ := g.reach(math.MaxUint8)
	return seen
}

// reach returns which nodes a path from the entry point connects to on the levels up to highest, and their number.
func (g *Graph) reach(highest int) (seen []bool, reached int) {
	seen = make([]bool, g.Len())
	seen[g.entryPoint] = true
	queue := append(make([]int32, 0, g.Len()), g.entryPoint)
	for i := 0; i < len(queue); i++ {
		for level := range min(g.Level(queue[i]), highest) + 1 {
			for _, to := range g.Links(queue[i], level) {
				if !seen[to] {
					seen[to] = true
					queue = append(queue, to)
				}
			}
		}
	}
	return seen, len(queue)
}
