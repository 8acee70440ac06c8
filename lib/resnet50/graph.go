package resnet50

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// batchNormEpsilon is the ε of torchvision's batch normalisation.
const batchNormEpsilon = 1e-5

// apply adds a layer to the graph of x: convolution and batch normalisation.
type apply func(x *Node, l layer) *Node

// features computes the features of crops, batch × 224 × 224 × 3 bytes, from inferenceParameters: the mean of the last map
// over height and width, batch × 2048.
func (n network) features(crops *Node, params []*Node) *Node {
	maps := inGroups(crops, groupSize, mapDims(n.early()), params, func(x *Node, params []*Node) *Node {
		f := inference(n.named(params))
		return through(n.early(), n.start(normalized(x), f), f)
	})
	maps = through(n.late(), maps, inference(n.named(params)))
	maps.AssertDims(append([]int{-1}, mapDims(n.stages)...)...)
	return average(maps)
}

// average computes the mean of batch × height × width × channels over height and width as a product with ones. XLA would
// fuse a mean with the sum of the last block and compute that sum one number at a time.
func average(x *Node) *Node {
	dims := x.Shape().Dimensions
	area := dims[1] * dims[2]
	ones := Ones(x.Graph(), shapes.Make(dtype, dims[0], area))
	sum := Dot(ones, Reshape(x, dims[0], area, dims[3])).General([]int{1}, []int{0}, []int{1}, []int{0})
	return DivScalar(sum, area)
}

// trunk computes the map before the global average pooling from normalised images.
func (n network) trunk(x *Node, f apply) *Node { return through(n.stages, n.start(x, f), f) }

// start applies the stem and its pooling.
func (n network) start(x *Node, f apply) *Node {
	x = relu(f(x, n.stem))
	return MaxPool(x).Window(3).Strides(2).PaddingPerDim([][2]int{{1, 1}, {1, 1}}).Done()
}

// groupSize is the number of images that the early stages process together. It is small enough for the maps of a group to
// fit into the processor's last-level cache. Median times of a batch of 32 on 2 cores with a cache of 32 MB, taken in turns:
// 1.35 s in groups of 4, 1.36 s in groups of 8, 1.39 s in groups of 16, 1.45 s in one group.
const groupSize = 4

// early returns the stages with large maps and small kernels, late the others.
func (n network) early() [][]block { return n.stages[:len(n.stages)/2] }
func (n network) late() [][]block  { return n.stages[len(n.stages)/2:] }

// through applies the stages to x in order.
func through(stages [][]block, x *Node, f apply) *Node {
	for _, stage := range stages {
		for _, b := range stage {
			x = b.graph(x, f)
		}
	}
	return x
}

// graph computes a block's output, max(y + around, 0), from the output y of its last convolution and its shortcut around.
// It is written as y + max(around, −y), which is the same number. XLA computes an elementwise function of one array again
// in each of its consumers, so max(…, 0) would repeat all the sums of a stage in each of its blocks. XLA stores the result
// of an addition.
func (b block) graph(x *Node, f apply) *Node {
	around := x
	if b.shortcut != nil {
		around = f(x, *b.shortcut)
	}
	y := relu(f(x, b.reduce))
	y = relu(f(y, b.spatial))
	y = f(y, b.expand)
	return Add(y, Max(around, Neg(y)))
}

func relu(x *Node) *Node { return Max(x, constant(x, 0)) }

// constant returns a scalar of the graph of x. GoMLX caches the scalars that it makes itself for the whole graph, and a
// closure cannot use those of another.
func constant(x *Node, value float32) *Node { return Const(x.Graph(), value) }

// convolve computes the direct convolution of x, batch × height × width × in, with a kernel, size × size × in × out.
func convolve(x, kernel *Node, l layer) *Node {
	pad := [2]int{l.size / 2, l.size / 2}
	return Convolve(x, kernel).Strides(l.stride).PaddingPerDim([][2]int{pad, pad}).Done()
}

// parameters holds the arrays of a layer in inference form: its kernel or its 16 Winograd kernels, and its bias.
type parameters struct {
	kernels []*Node
	bias    *Node
}

// inference returns the apply function of layers whose batch normalisation is folded into kernel and bias.
func inference(params map[string]parameters) apply {
	return func(x *Node, l layer) *Node {
		p := params[l.conv]
		var y *Node
		if l.winograd() {
			y = winograd(x, p.kernels)
		} else {
			y = convolve(x, p.kernels[0], l)
		}
		return Add(y, ExpandLeftToRank(p.bias, y.Rank()))
	}
}

// winograd reports whether the layer is computed by Winograd's algorithm.
func (l layer) winograd() bool { return l.size == 3 && l.stride == 1 }

// normalized converts images of 8-bit pixels, batch × 224 × 224 × 3, to the network's input, (x/255 − Mean) / Std.
func normalized(x *Node) *Node {
	x = ConvertDType(x, dtype)
	x = Div(x, constant(x, 255))
	mean := ExpandLeftToRank(Const(x.Graph(), Mean[:]), x.Rank())
	std := ExpandLeftToRank(Const(x.Graph(), Std[:]), x.Rank())
	return Div(Sub(x, mean), std)
}
