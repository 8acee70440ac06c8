package resnet50

import (
	"fmt"
	"math"

	"anncapacity/lib/images"
)

const defaultResize = 256

// Mean and Std are ImageNet's, of red, green and blue in 0…1, as torchvision's weights want them.
var (
	Mean = [3]float32{0.485, 0.456, 0.406}
	Std  = [3]float32{0.229, 0.224, 0.225}
)

// Preprocess makes an image into what the network looks at: the short side to Resize pixels, then the central
// 224 × 224, as torchvision does to a Pillow image (InterpolationMode.BILINEAR).
type Preprocess struct {
	Resize int // short side after resizing, at least 224; zero means 256, as in the study
}

func (p Preprocess) resize() int {
	if p.Resize == 0 {
		return defaultResize
	}
	return p.Resize
}

// Check says whether the settings are in range.
func (p Preprocess) Check() error {
	if p.resize() < inputSize {
		return fmt.Errorf("resize %d: the short side must keep at least %d pixels for the crop", p.Resize, inputSize)
	}
	return nil
}

// Crop is the resized central crop of m, 224 × 224 × 3 bytes, to the byte what Pillow 13 gives. It wants settings
// that pass Check, and at least one pixel. Rows and columns outside the crop are not computed.
func (p Preprocess) Crop(m *images.RGB) []uint8 {
	width, height := p.resized(m.Width, m.Height)
	columns, rows := centralTaps(m.Width, width), centralTaps(m.Height, height)
	first, last := rows.reach()
	across := resizeColumns(m, columns, first, last)
	return resizeRows(across, rows, first)
}

// resized is torchvision's size after resizing: the short side is set, the long side keeps the proportion, rounded down.
func (p Preprocess) resized(width, height int) (int, int) {
	size := p.resize()
	if width <= height {
		return size, size * height / width
	}
	return size * width / height, size
}

// precision is the fixed point of Pillow's coefficients: PRECISION_BITS = 32 − 8 − 2.
const precision = 22

// taps says how the output samples of the crop along one axis follow from the input samples: output i is the sum over
// j of weights[i·width+j] · input[starts[i]+j], in fixed point.
type taps struct {
	width   int
	starts  []int
	weights []int32
}

// centralTaps are those of the central 224 of out samples made from in samples, by Pillow's precompute_coeffs and
// normalize_coeffs_8bpc (libImaging/Resample.c) for BILINEAR: a triangle, as wide as two output pixels when shrinking,
// as two input pixels otherwise. For in = out it copies, as Pillow does.
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
		// A window at the right edge that is shorter than width moves to the left under weights of zero.
		t.starts[i] = min(first, in-t.width)
		triangle(t.weights[i*t.width+first-t.starts[i]:][:end-first], float64(first)-center, support)
	}
	return t
}

// triangle sets the weights of consecutive samples, the first of which begins at offset from the centre; they sum to 1.
// The conversions keep a compiler from fusing a product with a sum, which would round otherwise than Pillow.
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

// reach is the range of input samples, from first to before last, that the taps read.
func (t taps) reach() (first, last int) {
	return t.starts[0], t.starts[inputSize-1] + t.width
}

// resizeColumns is the horizontal pass over rows first to before last of m: (last−first) × 224 × 3.
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

// resizeRows is the vertical pass over rows of 224 × 3, the first of which is row first of the image.
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

// half rounds a sum in fixed point.
const half = 1 << (precision - 1)

// fixed rounds to uint8. Weights are not negative, so it is cut off at 255 alone.
func fixed(sum int32) uint8 { return uint8(min(sum>>precision, 255)) }
