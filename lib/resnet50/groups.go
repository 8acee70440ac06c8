package resnet50

import (
	"strconv"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// inGroups applies f, with its parameters, to groups of size images in order and concatenates the results. The result of an
// image has the dimensions dims. At any time, only the maps of one group are in memory. f must compute every image
// independently of the others. If size does not divide the batch, f is applied to the whole batch.
func inGroups(images *Node, size int, dims []int, params []*Node, f func(images *Node, params []*Node) *Node) *Node {
	batch := images.Shape().Dim(0)
	if batch%size != 0 || batch == size {
		return f(images, params)
	}
	g := images.Graph()
	// A closure can use its state only: the first image of the group, the results so far, and the constant inputs.
	first, results := Const(g, int32(0)), Zeros(g, shapes.Make(dtype, append([]int{batch}, dims...)...))
	start := append([]*Node{first, results, images}, params...)
	state := func(g *Graph) []*Node {
		var in []*Node
		for i, node := range start {
			in = append(in, Parameter(g, "state"+strconv.Itoa(i), node.Shape()))
		}
		return in
	}
	more := NewClosure(g, func(g *Graph) []*Node {
		return []*Node{LessThan(state(g)[0], Const(g, int32(batch)))}
	})
	next := NewClosure(g, func(g *Graph) []*Node {
		in := state(g)
		at := []*Node{in[0], Const(g, int32(0)), Const(g, int32(0)), Const(g, int32(0))}
		group := DynamicSlice(in[2], at, append([]int{size}, images.Shape().Dimensions[1:]...))
		out := DynamicUpdateSlice(in[1], f(group, in[3:]), at)
		return append([]*Node{AddScalar(in[0], size), out}, in[2:]...)
	})
	return While(more, next, start...)[1]
}
