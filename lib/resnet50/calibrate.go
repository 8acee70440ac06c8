package resnet50

import (
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/internal/xla"
)

// Calibrate returns w with the statistics of every batch normalisation computed from a batch of crops (n × 224 × 224 × 3
// bytes): mean and variance over images, height and width. The statistics of a layer are computed on the normalised
// output of the layers before it. Without calibration the features of a network with random weights collapse.
func (w *Weights) Calibrate(crops []uint8) (*Weights, error) {
	if len(crops) == 0 || len(crops)%cropBytes != 0 {
		return nil, fmt.Errorf("resnet50: %d bytes are not crops of %d × %d × 3", len(crops), inputSize, inputSize)
	}
	backend, err := xla.Backend()
	if err != nil {
		return nil, err
	}
	statistics, err := resnet50().statistics(backend, w, crops)
	if err != nil {
		return nil, err
	}
	return w.With(statistics)
}

// statistics returns the tensors running_mean and running_var of every layer, by name.
func (n network) statistics(backend compute.Backend, w *Weights, crops []uint8) (map[string]Tensor, error) {
	exec, err := NewExec(backend, n.statisticsGraph)
	if err != nil {
		return nil, fmt.Errorf("resnet50: %w", err)
	}
	defer exec.Finalize()
	var params []*tensors.Tensor
	for _, l := range n.layers() {
		params = append(params,
			tensors.FromFlatDataAndDimensions(w.kernel(l), l.size, l.size, l.in, l.out),
			tensors.FromFlatDataAndDimensions(w.values(l.norm+".weight"), l.out),
			tensors.FromFlatDataAndDimensions(w.values(l.norm+".bias"), l.out))
	}
	x := tensors.FromFlatDataAndDimensions(crops, len(crops)/cropBytes, inputSize, inputSize, 3)
	out, err := call(exec, x, params)
	if err != nil {
		return nil, err
	}
	return n.namedStatistics(out)
}

// statisticsGraph builds the graph of statistics. The inputs are the crops and then kernel, weight and bias of every
// layer; the outputs are mean and variance of every layer.
func (n network) statisticsGraph(in []*Node) []*Node {
	params, out := map[string][]*Node{}, map[string][]*Node{}
	for i, l := range n.layers() {
		params[l.conv] = in[1+3*i : 4+3*i]
	}
	n.trunk(normalized(in[0]), func(x *Node, l layer) *Node {
		y := convolve(x, params[l.conv][0], l)
		mean := ReduceAndKeep(y, ReduceMean, 0, 1, 2)
		variance := ReduceAndKeep(Square(Sub(y, mean)), ReduceMean, 0, 1, 2)
		out[l.conv] = []*Node{mean, variance}
		y = Div(Sub(y, mean), Sqrt(AddScalar(variance, batchNormEpsilon)))
		weight, bias := params[l.conv][1], params[l.conv][2]
		return Add(Mul(y, ExpandLeftToRank(weight, 4)), ExpandLeftToRank(bias, 4))
	})
	var all []*Node
	for _, l := range n.layers() {
		all = append(all, out[l.conv]...)
	}
	return all
}

// namedStatistics returns the outputs of statisticsGraph as tensors, by name.
func (n network) namedStatistics(out []*tensors.Tensor) (map[string]Tensor, error) {
	named := map[string]Tensor{}
	for i, l := range n.layers() {
		for j, part := range []string{".running_mean", ".running_var"} {
			values, err := tensors.CopyFlatData[float32](out[2*i+j])
			if err != nil {
				return nil, fmt.Errorf("resnet50: %w", err)
			}
			named[l.norm+part] = Tensor{Dims: []int{l.out}, Data: values}
		}
	}
	return named, nil
}

// values returns the values of the named tensor. It panics if there is no such tensor.
func (w *Weights) values(name string) []float32 {
	t, ok := w.Tensor(name)
	if !ok {
		panic("resnet50: weights without " + name)
	}
	return t.Data
}
