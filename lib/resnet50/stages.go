package resnet50

import "fmt"

// The network is described by data: torchvision's ResNet-50 v1.5 (He et al. 2016, arXiv 1512.03385, with the stride of a
// downsampling block in its 3×3 convolution).

const (
	inputSize = 224  // height and width of a crop
	Features  = 2048 // length of an embedding
	classes   = 1000 // of the classifier, which embeddings do not use
	expansion = 4    // output channels of a block per channel of its 3×3 convolution
)

// layer is a convolution without bias and the batch normalisation after it, by torchvision's names.
type layer struct {
	conv, norm   string // "layer1.0.conv1", "layer1.0.bn1"
	in, out      int    // channels
	size, stride int    // of the size × size kernel
}

// block is a bottleneck block: 1×1 reduce, 3×3 spatial, 1×1 expand, and the shortcut around them.
type block struct {
	reduce, spatial, expand layer
	shortcut                *layer // nil: the identity
}

// network holds a stem, whose output after pooling is 56 × 56 × 64, and stages of blocks.
type network struct {
	stem   layer
	stages [][]block
}

// stages lists the stages of ResNet-50: channels of the 3×3 convolutions, number of blocks, stride of the first block.
var stages = []struct{ width, blocks, stride int }{
	{64, 3, 1},
	{128, 4, 2},
	{256, 6, 2},
	{512, 3, 2},
}

// resnet50 returns the network that the table of stages describes.
func resnet50() network {
	n := network{stem: layer{conv: "conv1", norm: "bn1", in: 3, out: 64, size: 7, stride: 2}}
	in := n.stem.out
	for s, stage := range stages {
		var blocks []block
		for b := range stage.blocks {
			stride := 1
			if b == 0 {
				stride = stage.stride
			}
			blocks = append(blocks, bottleneck(fmt.Sprintf("layer%d.%d", s+1, b), in, stage.width, stride))
			in = expansion * stage.width
		}
		n.stages = append(n.stages, blocks)
	}
	return n
}

func bottleneck(name string, in, width, stride int) block {
	out := expansion * width
	b := block{
		reduce:  layer{name + ".conv1", name + ".bn1", in, width, 1, 1},
		spatial: layer{name + ".conv2", name + ".bn2", width, width, 3, stride},
		expand:  layer{name + ".conv3", name + ".bn3", width, out, 1, 1},
	}
	if in != out || stride != 1 {
		b.shortcut = &layer{name + ".downsample.0", name + ".downsample.1", in, out, 1, stride}
	}
	return b
}

// layers returns all layers in the order in which the network applies them.
func (n network) layers() []layer {
	all := []layer{n.stem}
	for _, stage := range n.stages {
		for _, b := range stage {
			if b.shortcut != nil {
				all = append(all, *b.shortcut)
			}
			all = append(all, b.reduce, b.spatial, b.expand)
		}
	}
	return all
}

// mapDims returns height, width and channels of the output of the last of stages, which are the first stages of a network.
func mapDims(stages [][]block) []int {
	side, channels := inputSize/4, 0
	for _, stage := range stages {
		for _, b := range stage {
			side /= b.reduce.stride * b.spatial.stride
			channels = b.expand.out
		}
	}
	return []int{side, side, channels}
}

// tensorShapes returns the shape of each tensor of the network by torchvision's name, in torchvision's order of axes (output
// channels, input channels, height, width). It does not include the classifier (fc.weight, fc.bias).
func (n network) tensorShapes() map[string][]int {
	shapes := map[string][]int{}
	for _, l := range n.layers() {
		shapes[l.conv+".weight"] = []int{l.out, l.in, l.size, l.size}
		for _, part := range []string{"weight", "bias", "running_mean", "running_var"} {
			shapes[l.norm+"."+part] = []int{l.out}
		}
	}
	return shapes
}
