package resnet50

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Untrained returns random weights without head, which depend on the seed alone. The kernels of the convolutions are
// normally distributed with variance 2 / (output channels × height × width of the kernel), as torchvision initialises them
// (Kaiming normal, fan-out; He et al., ICCV 2015). Batch normalisations have weight 1, bias 0, mean 0 and variance 1.
func Untrained(seed uint64) *Weights {
	rng := rand.New(rand.NewPCG(seed, 0))
	shapes := resnet50().tensorShapes()
	tensors := map[string]Tensor{}
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		tensors[name] = initial(rng, name, shapes[name])
	}
	w, err := newWeights("untrained", tensors)
	if err != nil {
		panic(err) // the shapes are the network's own
	}
	w.Untrained = true
	return w
}

// initial returns the initial values of the named tensor.
func initial(rng *rand.Rand, name string, dims []int) Tensor {
	t := Tensor{Dims: dims}
	switch {
	case len(dims) == 4:
		t.Data = make([]float32, dims[0]*dims[1]*dims[2]*dims[3])
		deviation := math.Sqrt(2 / float64(dims[0]*dims[2]*dims[3]))
		for i := range t.Data {
			t.Data[i] = float32(deviation * rng.NormFloat64())
		}
	case strings.HasSuffix(name, ".weight"), strings.HasSuffix(name, ".running_var"):
		t.Data = slices.Repeat([]float32{1}, dims[0])
	default:
		t.Data = make([]float32, dims[0])
	}
	return t
}
