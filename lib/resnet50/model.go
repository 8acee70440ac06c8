// Package resnet50 computes embeddings of photographs, n × 2048 float32, by torchvision's ResNet-50 without its last layer,
// on GoMLX. It reads weights from safetensors and PyTorch files, preprocesses photographs as torchvision does (short side
// resized to 256, centre crop of 224, ImageNet's mean and standard deviation), and caches embeddings.
package resnet50

import (
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/internal/xla"
)

const (
	dtype     = dtypes.Float32
	cropBytes = inputSize * inputSize * 3
)

// Model is the network with its weights, compiled for batches of one size.
type Model struct {
	batch  int
	exec   *graph.Exec
	params []*tensors.Tensor
}

// NewModel returns the network with weights w for batches of the given size. The first call of Features compiles it.
func NewModel(w *Weights, batch int) (*Model, error) {
	if batch < 1 {
		return nil, fmt.Errorf("resnet50: batch %d: must be at least 1", batch)
	}
	backend, err := xla.Backend()
	if err != nil {
		return nil, err
	}
	return newModel(backend, resnet50(), w, batch)
}

func newModel(backend compute.Backend, n network, w *Weights, batch int) (*Model, error) {
	m := &Model{batch: batch, params: n.inferenceParameters(w)}
	exec, err := graph.NewExec(backend, func(in []*graph.Node) *graph.Node {
		return n.features(in[0], in[1:])
	})
	m.exec = exec
	return m, err
}

// Features returns the embeddings of one batch of crops. The crops are batch × 224 × 224 × 3 bytes (see Preprocess.Crop),
// the embeddings batch × 2048. Each embedding depends on its crop alone.
func (m *Model) Features(crops []uint8) ([]float32, error) {
	if len(crops) != m.batch*cropBytes {
		return nil, fmt.Errorf("resnet50: %d bytes are not %d crops of %d × %d × 3", len(crops), m.batch, inputSize, inputSize)
	}
	x := tensors.FromFlatDataAndDimensions(crops, m.batch, inputSize, inputSize, 3)
	defer x.FinalizeAll()
	out, err := call(m.exec, x, m.params)
	if err != nil {
		return nil, err
	}
	defer out[0].FinalizeAll()
	features, err := tensors.CopyFlatData[float32](out[0])
	if err != nil {
		return nil, fmt.Errorf("resnet50: %w", err)
	}
	for i, f := range features {
		if f-f != 0 { // NaN or infinite
			return nil, fmt.Errorf("resnet50: feature %d of image %d of the batch is %v: the weights do not fit the images", i%Features, i/Features, f)
		}
	}
	return features, nil
}

// Close frees the compiled network and its weights.
func (m *Model) Close() {
	m.exec.Finalize()
	for _, p := range m.params {
		p.FinalizeAll()
	}
}

func call(exec *graph.Exec, x *tensors.Tensor, params []*tensors.Tensor) ([]*tensors.Tensor, error) {
	args := []any{x}
	for _, p := range params {
		args = append(args, p)
	}
	out, err := exec.Call(args...)
	if err != nil {
		return nil, fmt.Errorf("resnet50: %w", err)
	}
	return out, nil
}

// inferenceParameters returns the kernels and the bias of every layer, in the order of n.layers.
func (n network) inferenceParameters(w *Weights) []*tensors.Tensor {
	var params []*tensors.Tensor
	for _, l := range n.layers() {
		scale, shift := w.foldedNorm(l)
		params = append(params, l.inferenceKernels(w, scale)...)
		params = append(params, tensors.FromFlatDataAndDimensions(shift, l.out))
	}
	return params
}

// named returns the parameters of a graph by the name of their layer's convolution.
func (n network) named(params []*graph.Node) map[string]parameters {
	named := map[string]parameters{}
	for _, l := range n.layers() {
		kernels := 1
		if l.winograd() {
			kernels = tileIn * tileIn
		}
		named[l.conv] = parameters{params[:kernels], params[kernels]}
		params = params[kernels+1:]
	}
	return named
}

// inferenceKernels returns the layer's kernel times scale, in the form that winograd or convolve takes.
func (l layer) inferenceKernels(w *Weights, scale []float32) []*tensors.Tensor {
	kernel := w.kernel(l)
	for i := range kernel {
		kernel[i] *= scale[i%l.out]
	}
	if l.winograd() {
		return winogradKernels(kernel, l)
	}
	return []*tensors.Tensor{tensors.FromFlatDataAndDimensions(kernel, l.size, l.size, l.in, l.out)}
}

// kernel returns a layer's kernel, transposed from torchvision's out × in × size × size to size × size × in × out.
func (w *Weights) kernel(l layer) []float32 {
	source := w.values(l.conv + ".weight")
	kernel := make([]float32, len(source))
	area := l.size * l.size
	for o := range l.out {
		for i := range l.in {
			for p := range area {
				kernel[(p*l.in+i)*l.out+o] = source[(o*l.in+i)*area+p]
			}
		}
	}
	return kernel
}

// foldedNorm returns a layer's batch normalisation in inference form, y = scale · x + shift:
// scale = weight / √(running_var + ε), shift = bias − running_mean · scale.
func (w *Weights) foldedNorm(l layer) (scale, shift []float32) {
	weight, bias := w.values(l.norm+".weight"), w.values(l.norm+".bias")
	mean, variance := w.values(l.norm+".running_mean"), w.values(l.norm+".running_var")
	scale, shift = make([]float32, l.out), make([]float32, l.out)
	for c := range scale {
		s := float64(weight[c]) / math.Sqrt(float64(variance[c])+batchNormEpsilon)
		scale[c], shift[c] = float32(s), float32(float64(bias[c])-float64(mean[c])*s)
	}
	return scale, shift
}
