package resnet50

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
)

// Tensor is an array of float32, in C order.
type Tensor struct {
	Dims []int
	Data []float32
}

// ReadTensors reads the tensors of a file, .safetensors or .pth (a state dict), whatever network they belong to. They
// may be float32, float16 or bfloat16. The counters num_batches_tracked, integers that inference does not need, are
// left out. An error names the file and, where there is one, the tensor.
func ReadTensors(path string) (map[string]Tensor, error) {
	decode := map[string]func(io.ReaderAt, int64) (map[string]Tensor, error){
		".safetensors": decodeSafetensors, ".pth": decodePTH,
	}[strings.ToLower(filepath.Ext(path))]
	if decode == nil {
		return nil, fmt.Errorf("weights %q: want a .safetensors or .pth file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	all, err := decode(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// isCounter tells the tensors that are left out.
func isCounter(name string) bool { return strings.HasSuffix(name, "num_batches_tracked") }

// number is a format of floating-point numbers in a file, little endian; decode is nil where it is none.
type number struct {
	name   string
	bytes  int
	decode func([]byte) float32
}

var (
	single = number{"float32", 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }}
	half16 = number{"float16", 2, func(b []byte) float32 { return float16.FromBits(binary.LittleEndian.Uint16(b)).Float32() }}
	brain  = number{"bfloat16", 2, func(b []byte) float32 { return bfloat16.FromBits(binary.LittleEndian.Uint16(b)).Float32() }}
	long   = number{"int64", 8, nil}
)

// floats decodes a whole number of numbers.
func (n number) floats(data []byte) []float32 {
	values := make([]float32, len(data)/n.bytes)
	for i := range values {
		values[i] = n.decode(data[i*n.bytes:])
	}
	return values
}

// maxElements guards memory against a broken file; the largest tensor of the network has 2,359,296.
const maxElements = 1 << 26

// elements is the size of a tensor of these dimensions; none is 1.
func elements(dims []int) (int, error) {
	n := 1
	for _, d := range dims {
		if d < 1 || d > maxElements/n {
			return 0, fmt.Errorf("shape %v: want 1 to %d elements", dims, maxElements)
		}
		n *= d
	}
	return n, nil
}
