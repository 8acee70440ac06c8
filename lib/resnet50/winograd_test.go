package resnet50

import (
	"fmt"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"anncapacity/lib/internal/xla"
)

// TestWinograd compares with the direct convolution on even and odd sides.
func TestWinograd(t *testing.T) {
	backend, err := xla.Backend()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 0))
	normal := func(dims ...int) *tensors.Tensor {
		n := 1
		for _, d := range dims {
			n *= d
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(rng.NormFloat64())
		}
		return tensors.FromFlatDataAndDimensions(values, dims...)
	}
	l := layer{in: 5, out: 3, size: 3, stride: 1}
	for _, side := range []int{1, 2, 7, 14} {
		kernel := normal(3, 3, l.in, l.out)
		args := []any{normal(2, side, side, l.in), kernel}
		for _, transformed := range winogradKernels(tensors.MustCopyFlatData[float32](kernel), l) {
			args = append(args, transformed)
		}
		both, err := ExecOnceN(backend, func(in []*Node) []*Node {
			return []*Node{winograd(in[0], in[2:]), convolve(in[0], in[1], l)}
		}, args...)
		if err != nil {
			t.Fatal(err)
		}
		largestDifference(t, fmt.Sprintf("side %d", side), tensors.MustCopyFlatData[float32](both[0]), tensors.MustCopyFlatData[float32](both[1]))
	}
}
