package resnet50

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Winograd's algorithm F(2×2, 3×3) computes a 3×3 convolution of stride 1 and padding 1 (Lavin & Gray 2016, arXiv
// 1509.09308, §4.1). An output tile of 2 × 2 is
//
//	Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A
//
// for a kernel g and an input tile d of 4 × 4, which overlaps its neighbours by 2. Over all tiles, the 16 elements of the
// product ⊙ are 16 matrix products of (tiles × input channels) by (input channels × output channels). A tile takes 16
// multiplications; the direct sum takes 36.

const (
	tileOut = 2
	tileIn  = 4
)

var (
	winogradBT = [tileIn][tileIn]float64{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}}
	winogradG  = [tileIn][3]float64{{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}}
	winogradAT = [tileOut][tileIn]float64{{1, 1, 1, 0}, {0, 1, -1, -1}}
)

// winogradKernels returns G g Gᵀ of a layer's kernel g, 3 × 3 × in × out, as 16 arrays of in × out. (If it were one array,
// every run of the network would copy the 16 parts.)
func winogradKernels(kernel []float32, l layer) []*tensors.Tensor {
	var kernels []*tensors.Tensor
	channels := l.in * l.out // pairs of input and output channels
	for i := range tileIn {
		for j := range tileIn {
			u := make([]float32, channels)
			for c := range u {
				var sum float64
				for r := range 3 {
					for s := range 3 {
						sum += winogradG[i][r] * winogradG[j][s] * float64(kernel[(3*r+s)*channels+c])
					}
				}
				u[c] = float32(sum)
			}
			kernels = append(kernels, tensors.FromFlatDataAndDimensions(u, l.in, l.out))
		}
	}
	return kernels
}

// winograd convolves x, batch × side × side × in, with the kernels of winogradKernels. If side is odd, the last tile of a row
// or column is cut to half.
func winograd(x *Node, kernels []*Node) *Node {
	batch, side := x.Shape().Dim(0), x.Shape().Dim(1)
	in, out := kernels[0].Shape().Dim(0), kernels[0].Shape().Dim(1)
	tiles := (side + tileOut - 1) / tileOut
	d := inputTiles(x, tiles)
	products := make([]*Node, tileIn*tileIn)
	for i, kernel := range kernels {
		product := Dot(Reshape(d[i], batch*tiles*tiles, in), kernel).MatMul()
		products[i] = Reshape(product, batch, tiles, tiles, out)
	}
	y := outputTiles(OptimizationBarriers(products...))
	return Slice(y, AxisRange(), AxisRange(0, side), AxisRange(0, side), AxisRange())
}

// inputTiles computes Bᵀ d B of all tiles: 16 arrays of batch × tiles × tiles × channels.
func inputTiles(x *Node, tiles int) []*Node {
	pad := PadAxis{Start: 1, End: tiles*tileOut + 1 - x.Shape().Dim(1)}
	x = OptimizationBarrier(Pad(x, constant(x, 0), PadAxis{}, pad, pad, PadAxis{}))
	every := func(start int) SliceAxisSpec {
		return AxisRange(start, start+(tiles-1)*tileOut+1).Stride(tileOut)
	}
	var d [tileIn][tileIn]*Node
	for i := range tileIn {
		for j := range tileIn {
			d[i][j] = Slice(x, AxisRange(), every(i), every(j), AxisRange())
		}
	}
	var transformed []*Node
	for i := range tileIn {
		var row [tileIn]*Node
		for j := range tileIn {
			row[j] = combine(winogradBT[i], d[0][j], d[1][j], d[2][j], d[3][j])
		}
		for j := range tileIn {
			transformed = append(transformed, combine(winogradBT[j], row[:]...))
		}
	}
	return OptimizationBarriers(transformed...)
}

// outputTiles computes Aᵀ m A of all tiles and arranges them as a map, batch × 2·tiles × 2·tiles × channels. The barriers
// prevent XLA from computing the sums again in every consumer.
func outputTiles(m []*Node) *Node {
	dims := m[0].Shape().Dimensions
	batch, tiles, channels := dims[0], dims[1], dims[3]
	var y []*Node
	for i := range tileOut {
		var row [tileIn]*Node
		for j := range tileIn {
			row[j] = combine(winogradAT[i], m[j], m[tileIn+j], m[2*tileIn+j], m[3*tileIn+j])
		}
		for j := range tileOut {
			y = append(y, InsertAxes(combine(winogradAT[j], row[:]...), 0))
		}
	}
	all := OptimizationBarrier(Concatenate(OptimizationBarriers(y...), 0))
	all = Reshape(all, tileOut, tileOut, batch, tiles, tiles, channels)
	all = TransposeAllAxes(all, 2, 3, 0, 4, 1, 5)
	return Reshape(all, batch, tileOut*tiles, tileOut*tiles, channels)
}

// combine computes Σ coefficient · x for coefficients 0, 1 and −1.
func combine(coefficients [tileIn]float64, x ...*Node) *Node {
	var sum *Node
	for _, sign := range []float64{1, -1} {
		for i, c := range coefficients {
			switch {
			case c != sign:
			case sum == nil:
				sum = x[i]
			case sign == 1:
				sum = Add(sum, x[i])
			default:
				sum = Sub(sum, x[i])
			}
		}
	}
	return sum
}
