package tensorfile

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
)

// Tensor is an array of float32, in C order.
type Tensor struct {
	Dims []int
	Data []float32
}

// number is a little-endian format of numbers. decode is nil unless they are floating-point numbers.
type number struct {
	name   string
	bytes  int
	decode func([]byte) float32
}

var (
	single = number{"float32", 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }}
	double = number{"float64", 8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }}
	half   = number{"float16", 2, func(b []byte) float32 { return float16.FromBits(binary.LittleEndian.Uint16(b)).Float32() }}
	bfloat = number{"bfloat16", 2, func(b []byte) float32 { return bfloat16.FromBits(binary.LittleEndian.Uint16(b)).Float32() }}
)

// integer returns a format that cannot hold weights.
func integer(name string, bytes int) number { return number{name, bytes, nil} }

// check returns an error unless the numbers are floating-point numbers.
func (n number) check() error {
	if n.decode == nil {
		return fmt.Errorf("type %s: want float32, float64, float16 or bfloat16", n.name)
	}
	return nil
}

// floats decodes data.
func (n number) floats(data []byte) []float32 {
	values := make([]float32, len(data)/n.bytes)
	for i := range values {
		values[i] = n.decode(data[i*n.bytes:])
	}
	return values
}

// maxElements is the maximum number of elements of a tensor. It limits the memory that a damaged file can request. The largest
// tensor of ResNet-50 has 2,359,296 elements.
const maxElements = 1 << 26

// Elements returns the number of elements of a tensor of the given dimensions; it is 1 if there are no dimensions. It is an
// error if a dimension is below 1 or the tensor has more than 2²⁶ elements.
func Elements(dims []int) (int, error) {
	n := 1
	for _, d := range dims {
		if d < 1 || d > maxElements/n {
			return 0, fmt.Errorf("shape %v: want 1 to %d elements", dims, maxElements)
		}
		n *= d
	}
	return n, nil
}
