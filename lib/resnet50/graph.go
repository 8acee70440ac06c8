package resnet50

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// batchNormEpsilon is torchvision's.
const batchNormEpsilon = 1e-5

// apply is a layer in a graph: convolution and batch normalisation.
type apply func(x *Node, l layer) *Node

// features of normalised images, batch × 224 × 224 × 3: the mean of the last map over height and width, batch × 2048.
func (n network) features(x *Node, f apply) *Node { return ReduceMean(n.trunk(x, f), 1, 2) }

// trunk is everything before the global average pooling.
func (n network) trunk(x *Node, f apply) *Node {
	batch, side := x.Shape().Dim(0), inputSize/4
	x = relu(f(x, n.stem))
	x = MaxPool(x).Window(3).Strides(2).PaddingPerDim([][2]int{{1, 1}, {1, 1}}).Done()
	x.AssertDims(batch, side, side, n.stem.out)
	for _, stage := range n.stages {
		for _, b := range stage {
			x = b.graph(x, f)
			side /= b.reduce.stride * b.spatial.stride
		}
		x.AssertDims(batch, side, side, stage[0].expand.out)
	}
	return x
}

// graph adds what a block changes to what goes around it. The barrier keeps XLA from computing the sum again in
// every later block of the stage.
func (b block) graph(x *Node, f apply) *Node {
	around := x
	if b.shortcut != nil {
		around = f(x, *b.shortcut)
	}
	y := relu(f(x, b.reduce))
	y = relu(f(y, b.spatial))
	return OptimizationBarrier(relu(Add(f(y, b.expand), around)))
}

func relu(x *Node) *Node { return Max(x, ZerosLike(x)) }

// convolve is a plain convolution of batch × height × width × in with a kernel size × size × in × out.
func convolve(x, kernel *Node, l layer) *Node {
	pad := [2]int{l.size / 2, l.size / 2}
	return Convolve(x, kernel).Strides(l.stride).PaddingPerDim([][2]int{pad, pad}).Done()
}

// parameters are the two arrays of a layer in inference form, kernel and bias.
type parameters struct{ kernel, bias *Node }

// inference is apply with the batch normalisation folded into kernel and bias.
func inference(params map[string]parameters) apply {
	return func(x *Node, l layer) *Node {
		p := params[l.conv]
		var y *Node
		if l.winograd() {
			y = winograd(x, p.kernel)
		} else {
			y = convolve(x, p.kernel, l)
		}
		return Add(y, ExpandLeftToRank(p.bias, y.Rank()))
	}
}

// winograd says which layers are computed by Winograd's algorithm.
func (l layer) winograd() bool { return l.size == 3 && l.stride == 1 }

// normalized is images of 8-bit pixels, batch × 224 × 224 × 3, as the network wants them: (x/255 − Mean) / Std.
func normalized(x *Node) *Node {
	x = DivScalar(ConvertDType(x, dtype), 255)
	mean := ExpandLeftToRank(Const(x.Graph(), Mean[:]), x.Rank())
	std := ExpandLeftToRank(Const(x.Graph(), Std[:]), x.Rank())
	return Div(Sub(x, mean), std)
}
