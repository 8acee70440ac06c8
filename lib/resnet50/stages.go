package resnet50

import "fmt"

// Dim is the number of features of an embedding: the channels of the last stage.
const Dim = 2048

const (
	stemWidth = 64   // channels after the 7×7 convolution
	expansion = 4    // channels of a block's output per channel of its 3×3 convolution
	classes   = 1000 // outputs of the optional head
)

// stage is a run of bottleneck blocks (1×1, 3×3, 1×1 convolution) of one width, the channels of the 3×3 convolution.
// The first block's 3×3 convolution has the stride (v1.5: in v1 its first 1×1 has it), and its shortcut is a 1×1
// convolution, the tensors called downsample.
type stage struct{ blocks, width, stride int }

// stages are layer1 to layer4 of ResNet-50 v1.5 (He et al., CVPR 2016, table 1; torchvision's resnet50).
var stages = [4]stage{
	{blocks: 3, width: 64, stride: 1},
	{blocks: 4, width: 128, stride: 2},
	{blocks: 6, width: 256, stride: 2},
	{blocks: 3, width: 512, stride: 2},
}

// blockName is torchvision's prefix of the tensors of a block; both numbers count from 0.
func blockName(stage, block int) string { return fmt.Sprintf("layer%d.%d", stage+1, block) }

// tensorShape is a tensor that the network has: a convolution is output × input × height × width.
type tensorShape struct {
	name string
	dims []int
}

// tensorShapes lists the tensors of the network without its head, in the order in which they act.
func tensorShapes() []tensorShape {
	list := convolution("conv1", "bn1", []int{stemWidth, 3, 7, 7})
	in := stemWidth
	for s, stage := range stages {
		for b := range stage.blocks {
			list = append(list, blockShapes(blockName(s, b), in, stage.width, b == 0)...)
			in = expansion * stage.width
		}
	}
	return list
}

// blockShapes lists the tensors of one bottleneck block.
func blockShapes(block string, in, width int, first bool) []tensorShape {
	out := expansion * width
	list := convolution(block+".conv1", block+".bn1", []int{width, in, 1, 1})
	list = append(list, convolution(block+".conv2", block+".bn2", []int{width, width, 3, 3})...)
	list = append(list, convolution(block+".conv3", block+".bn3", []int{out, width, 1, 1})...)
	if first {
		list = append(list, convolution(block+".downsample.0", block+".downsample.1", []int{out, in, 1, 1})...)
	}
	return list
}

// convolution lists a convolution without bias and the batch normalisation after it.
func convolution(conv, norm string, dims []int) []tensorShape {
	list := []tensorShape{{conv + ".weight", dims}}
	for _, part := range []string{"weight", "bias", "running_mean", "running_var"} {
		list = append(list, tensorShape{norm + "." + part, dims[:1:1]})
	}
	return list
}

// headShapes lists the tensors of the classifier: a network has both or none.
func headShapes() []tensorShape {
	return []tensorShape{{"fc.weight", []int{classes, Dim}}, {"fc.bias", []int{classes}}}
}
