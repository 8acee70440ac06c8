package resnet50

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// batchNormEpsilon is torchvision's.
const batchNormEpsilon = 1e-5

// apply is a layer in a graph: convolution and batch normalisation.
type apply func(x *Node, l layer) *Node

// features of crops, batch × 224 × 224 × 3 bytes, with inferenceParameters: the mean of the last map over height and width,
// batch × 2048.
func (n network) features(crops *Node, params []*Node) *Node {
	maps := inGroups(crops, groupSize, mapDims(n.early()), params, func(x *Node, params []*Node) *Node {
		f := inference(n.named(params))
		return through(n.early(), n.start(normalized(x), f), f)
	})
	maps = through(n.late(), maps, inference(n.named(params)))
	maps.AssertDims(append([]int{-1}, mapDims(n.stages)...)...)
	return average(maps)
}

// average is the mean over height and width of batch × height × width × channels, as a product with ones: XLA would compute
// the last block's sum in the midst of a mean, one number at a time.
func average(x *Node) *Node {
	dims := x.Shape().Dimensions
	area := dims[1] * dims[2]
	ones := Ones(x.Graph(), shapes.Make(dtype, dims[0], area))
	sum := Dot(ones, Reshape(x, dims[0], area, dims[3])).General([]int{1}, []int{0}, []int{1}, []int{0})
	return DivScalar(sum, area)
}

// trunk is everything before the global average pooling, of normalised images.
func (n network) trunk(x *Node, f apply) *Node { return through(n.stages, n.start(x, f), f) }

// start is the stem and its pooling.
func (n network) start(x *Node, f apply) *Node {
	x = relu(f(x, n.stem))
	return MaxPool(x).Window(3).Strides(2).PaddingPerDim([][2]int{{1, 1}, {1, 1}}).Done()
}

// groupSize is how many images of a batch go through the early stages together: few enough for their maps to stay in a
// processor's last cache. A batch of 32 on 2 cores with 32 MB of it: 4 at a time 1.35 s, 8 1.36 s, 16 1.39 s, all 1.45 s
// (medians, in turns).
const groupSize = 4

// early are the stages with large maps and small kernels, late the others.
func (n network) early() [][]block { return n.stages[:len(n.stages)/2] }
func (n network) late() [][]block  { return n.stages[len(n.stages)/2:] }

// through applies stages one after another.
func through(stages [][]block, x *Node, f apply) *Node {
	for _, stage := range stages {
		for _, b := range stage {
			x = b.graph(x, f)
		}
	}
	return x
}

// graph adds what a block changes to what goes around it: max(y + around, 0), written as y + max(around, −y), which is the
// same number. XLA computes a function of one array again wherever it is used, so max(…, 0) would take all the sums of a
// stage into each of its blocks; it keeps the result of an addition.
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

// constant is a scalar for use with x. GoMLX's own scalars are kept for the whole graph, and closures cannot use those of
// others.
func constant(x *Node, value float32) *Node { return Const(x.Graph(), value) }

// convolve is a plain convolution of batch × height × width × in with a kernel size × size × in × out.
func convolve(x, kernel *Node, l layer) *Node {
	pad := [2]int{l.size / 2, l.size / 2}
	return Convolve(x, kernel).Strides(l.stride).PaddingPerDim([][2]int{pad, pad}).Done()
}

// parameters are the arrays of a layer in inference form: its kernel, or its 16 of Winograd's, and its bias.
type parameters struct {
	kernels []*Node
	bias    *Node
}

// inference is apply with the batch normalisation folded into kernel and bias.
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

// winograd says which layers are computed by Winograd's algorithm.
func (l layer) winograd() bool { return l.size == 3 && l.stride == 1 }

// normalized is images of 8-bit pixels, batch × 224 × 224 × 3, as the network wants them: (x/255 − Mean) / Std.
func normalized(x *Node) *Node {
	x = ConvertDType(x, dtype)
	x = Div(x, constant(x, 255))
	mean := ExpandLeftToRank(Const(x.Graph(), Mean[:]), x.Rank())
	std := ExpandLeftToRank(Const(x.Graph(), Std[:]), x.Rank())
	return Div(Sub(x, mean), std)
}
