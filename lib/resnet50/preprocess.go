package resnet50

import (
	"fmt"
	"math"

	"anncapacity/lib/images"
)

const defaultResize = 256

// Mean and Std are the mean and the standard deviation of red, green and blue over ImageNet, in 0…1, with which
// torchvision's weights were trained.
var (
	Mean = [3]float32{0.485, 0.456, 0.406}
	Std  = [3]float32{0.229, 0.224, 0.225}
)

// Preprocess converts an image to the network's input: it resizes the short side to Resize pixels and crops the central
// 224 × 224, as torchvision does with a Pillow image (InterpolationMode.BILINEAR).
type Preprocess struct {
	Resize int // short side after resizing, at least 224; zero means 256, as in the study
}

func (p Preprocess) resize() int {
	if p.Resize == 0 {
		return defaultResize
	}
	return p.Resize
}

// Check returns an error if the settings are out of range.
func (p Preprocess) Check() error {
	if p.resize() < inputSize {
		return fmt.Errorf("resize %d: the short side must be at least %d pixels, the size of the crop", p.Resize, inputSize)
	}
	return nil
}

// Crop returns the resized central crop of m, 224 × 224 × 3 bytes, which equal those of Pillow 13. The settings must pass
// Check, and m must have at least one pixel. Rows and columns outside the crop are not computed.
func (p Preprocess) Crop(m *images.RGB) []uint8 {
	width, height := p.resized(m.Width, m.Height)
	columns, rows := centralTaps(m.Width, width), centralTaps(m.Height, height)
	first, last := rows.reach()
	across := resizeColumns(m, columns, first, last)
	return resizeRows(across, rows, first)
}

// resized returns width and height after resizing, as torchvision computes them: the short side is set, and the long side
// keeps the aspect ratio, rounded down.
func (p Preprocess) resized(width, height int) (int, int) {
	size := p.resize()
	if width <= height {
		return size, size * height / width
	}
	return size * width / height, size
}

// precision is the number of fractional bits of Pillow's coefficients: PRECISION_BITS = 32 − 8 − 2.
const precision = 22

// taps holds the filter of one axis of the crop, in fixed point: output sample i is the sum over j of
// weights[i·width+j] · input[starts[i]+j].
type taps struct {
	width   int
	starts  []int
	weights []int32
}

// centralTaps returns the filter of the central 224 of out samples, computed from in samples, as Pillow's precompute_coeffs
// and normalize_coeffs_8bpc (libImaging/Resample.c) do for BILINEAR: a triangle of the width of two output pixels for a
// reduction and of two input pixels otherwise. For in = out it copies, as Pillow does.
func centralTaps(in, out int) taps {
	scale := float64(in) / float64(out)
	support := max(scale, 1)
	t := taps{width: min(2*int(math.Ceil(support))+1, in), starts: make([]int, inputSize)}
	t.weights = make([]int32, inputSize*t.width)
	top := int(math.RoundToEven(float64(out-inputSize) / 2))
	for i := range inputSize {
		center := float64((float64(top+i) + 0.5) * scale)
		first := max(int(center-support+0.5), 0)
		end := min(int(center+support+0.5), in)
		// A window at the right edge that is shorter than width starts further left, where its weights are zero.
		t.starts[i] = min(first, in-t.width)
		triangle(t.weights[i*t.width+first-t.starts[i]:][:end-first], float64(first)-center, support)
	}
	return t
}

// triangle sets the weights of consecutive samples. The first sample begins at offset from the centre. The weights sum to 1.
// The conversions prevent the compiler from fusing a product with a sum, which would round differently from Pillow.
func triangle(weights []int32, offset, support float64) {
	values := make([]float64, len(weights))
	sum := 0.0
	for j := range values {
		x := math.Abs(float64((float64(j) + offset + 0.5) * float64(1/support)))
		values[j] = max(1-x, 0)
		sum += values[j]
	}
	for j, v := range values {
		weights[j] = int32(0.5 + float64(v/sum)*(1<<precision))
	}
}

// reach returns the range [first, last) of input samples that the taps read.
func (t taps) reach() (first, last int) {
	return t.starts[0], t.starts[inputSize-1] + t.width
}

// resizeColumns computes the horizontal pass over rows [first, last) of m: (last−first) × 224 × 3.
func resizeColumns(m *images.RGB, t taps, first, last int) []uint8 {
	out := make([]uint8, (last-first)*inputSize*3)
	for y := first; y < last; y++ {
		row := m.Pix[3*y*m.Width : 3*(y+1)*m.Width]
		to := out[3*(y-first)*inputSize:][:3*inputSize]
		for x, start := range t.starts {
			red, green, blue := int32(half), int32(half), int32(half)
			from := row[3*start : 3*(start+t.width)]
			for j, w := range t.weights[x*t.width : (x+1)*t.width] {
				red += w * int32(from[3*j])
				green += w * int32(from[3*j+1])
				blue += w * int32(from[3*j+2])
			}
			to[3*x], to[3*x+1], to[3*x+2] = fixed(red), fixed(green), fixed(blue)
		}
	}
	return out
}

// resizeRows computes the vertical pass over rows of 224 × 3. The first of them is row first of the image.
func resizeRows(rows []uint8, t taps, first int) []uint8 {
	const stride = 3 * inputSize
	out := make([]uint8, inputSize*stride)
	var sums [stride]int32
	for y, start := range t.starts {
		for i := range sums {
			sums[i] = half
		}
		for j, w := range t.weights[y*t.width : (y+1)*t.width] {
			from := rows[(start-first+j)*stride:][:stride]
			for i, v := range from {
				sums[i] += w * int32(v)
			}
		}
		for i, sum := range sums {
			out[y*stride+i] = fixed(sum)
		}
	}
	return out
}

// half is 0.5 in fixed point.
const half = 1 << (precision - 1)

// fixed converts a sum in fixed point to uint8. The weights are not negative, so only the upper bound is applied.
func fixed(sum int32) uint8 { return uint8(min(sum>>precision, 255)) }
