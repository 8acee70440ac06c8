package resnet50

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"anncapacity/lib/internal/fetch"
	"anncapacity/lib/internal/tensorfile"
)

// UntrainedSeed is what OpenWeights makes of "untrained".
const UntrainedSeed = 42

// Tensor is an array of float32, in C order.
type Tensor struct {
	Dims []int
	Data []float32
}

// Weights are the tensors of one ResNet-50 by torchvision's names, complete and finite. They never change.
type Weights struct {
	// Name is for captions: "imagenet1k_v2", "untrained", or that of the file, or of its folder where the file is
	// called model.
	Name string

	// Untrained says that the weights are random and their batch normalisation has no statistics yet (see Calibrate).
	Untrained bool

	// Notes says how the file differs from torchvision's, a sentence without full stop each; none if it does not.
	Notes []string

	tensors map[string]Tensor
	hash    func() [32]byte
}

// OpenWeights finds weights by name: "untrained", "imagenet1k_v2" or "imagenet1k_v1" (torchvision's, downloaded
// before: an error names the command), or a file, .safetensors or a state dict by torch.save. There the network is looked for in
// dicts within dicts and behind any prefix; its names are torchvision's (timm's are the same), those of an nn.Sequential of its
// children, or those of transformers. Other tensors, among them a head of other than a thousand classes, are not used. Of a
// file that holds several networks FILE:PREFIX takes one. Numbers may be float32, float64, float16 or bfloat16. Another
// network, a sparse or quantised tensor, a value that is not finite, a TorchScript program and a whole pickled model are errors.
// What no file tells is taken as torchvision has it: the stride in the second convolution of a block, and the preprocessing.
func OpenWeights(ctx context.Context, spec string) (*Weights, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch spec {
	case "untrained":
		return Untrained(UntrainedSeed), nil
	case "imagenet1k_v2", "imagenet1k_v1":
		return openDownloaded(spec)
	}
	path, prefix := splitSpec(spec)
	return openWeights(path, caption(path), prefix)
}

// splitSpec splits FILE:PREFIX, if there is no file of the whole name; the last dot of the prefix may be left out.
func splitSpec(spec string) (path string, prefix *string) {
	at := strings.LastIndexByte(spec, ':')
	if _, err := os.Stat(spec); err == nil || at < 0 {
		return spec, nil
	}
	chosen := spec[at+1:]
	if chosen != "" && !strings.HasSuffix(chosen, ".") {
		chosen += "."
	}
	return spec[:at], &chosen
}

func openDownloaded(name string) (*Weights, error) {
	home, err := fetch.Home()
	if err != nil {
		return nil, err
	}
	entry, err := fetch.Named(name)
	if err != nil {
		return nil, err
	}
	path := entry.Path(home)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("weights %s are not at %s: run `anncapacity download %s` (%d MB) first", name, path, name, entry.Bytes/1e6)
	}
	return openWeights(path, name, nil)
}

func openWeights(path, name string, prefix *string) (*Weights, error) {
	info, err := os.Stat(path) // before it is opened: opening a pipe blocks
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("weights %q: %w: want untrained, imagenet1k_v2, imagenet1k_v1 or %s", path, fs.ErrNotExist, tensorfile.Formats)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: a folder or no regular file: want %s", path, tensorfile.Formats)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	w, err := readWeights(file, name, prefix)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}

func readWeights(file *os.File, name string, prefix *string) (*Weights, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	f, err := tensorfile.Read(file, info.Size(), file.Name())
	if err != nil {
		return nil, err
	}
	c, err := findNetwork(f, prefix)
	if err != nil {
		return nil, err
	}
	tensors, err := c.load()
	if err != nil {
		return nil, err
	}
	w, err := newWeights(name, tensors)
	if err != nil {
		return nil, err
	}
	w.Notes = c.notes()
	return w, nil
}

// caption is the name of the weights in a file.
func caption(path string) string {
	base := strings.TrimSuffix(filepath.Base(path), ".tar") // as in .pth.tar
	base = strings.TrimSuffix(base, filepath.Ext(base))
	if base != "model" {
		return base
	}
	if full, err := filepath.Abs(path); err == nil {
		return filepath.Base(filepath.Dir(full))
	}
	return base
}

// newWeights are the tensors if they are those of the network.
func newWeights(name string, tensors map[string]Tensor) (*Weights, error) {
	if err := check(tensors); err != nil {
		return nil, err
	}
	return &Weights{Name: name, tensors: tensors, hash: sync.OnceValue(func() [32]byte { return hashTensors(tensors) })}, nil
}

// headShapes are the tensors of the classifier. A file has both or none; embeddings do without.
var headShapes = map[string][]int{"fc.weight": {classes, Features}, "fc.bias": {classes}}

// check says whether the tensors are those of the network: none missing, none more, of the right shape, finite, no
// variance negative. The first in alphabetical order that is not is named.
func check(tensors map[string]Tensor) error {
	shapes := resnet50().tensorShapes()
	if hasHead(tensors) {
		maps.Copy(shapes, headShapes)
	}
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		t, ok := tensors[name]
		if !ok {
			return fmt.Errorf("tensor %s is missing: not a whole ResNet-50", name)
		}
		if err := t.check(shapes[name]); err != nil {
			return fmt.Errorf("tensor %s: %w", name, err)
		}
		if !strings.HasSuffix(name, ".running_var") {
			continue
		}
		if i := slices.IndexFunc(t.Data, func(v float32) bool { return v < 0 }); i >= 0 {
			return fmt.Errorf("tensor %s: value %d is %g, but a variance is not negative", name, i, t.Data[i])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		if shapes[name] == nil {
			return fmt.Errorf("tensor %s is none of ResNet-50's", name)
		}
	}
	return nil
}

func (t Tensor) check(dims []int) error {
	n, err := tensorfile.Elements(dims)
	if err != nil {
		return err
	}
	if !slices.Equal(t.Dims, dims) || len(t.Data) != n {
		return fmt.Errorf("shape %v with %d values, want %v", t.Dims, len(t.Data), dims)
	}
	for i, v := range t.Data {
		if math.Float32bits(v)&0x7f800000 == 0x7f800000 {
			return fmt.Errorf("value %d is %g", i, v)
		}
	}
	return nil
}

func hasHead(tensors map[string]Tensor) bool {
	for name := range headShapes {
		if _, ok := tensors[name]; ok {
			return true
		}
	}
	return false
}

// HasHead says whether the classifier (fc.weight, fc.bias) is among the tensors.
func (w *Weights) HasHead() bool { return hasHead(w.tensors) }

// Tensor is the tensor of that name, not to be changed.
func (w *Weights) Tensor(name string) (Tensor, bool) {
	t, ok := w.tensors[name]
	return t, ok
}

// With is a copy of w, taken for trained, in which these tensors take the place of those of the same name. An error names one that the
// network does not have, or that has another shape or a value out of range.
func (w *Weights) With(changes map[string]Tensor) (*Weights, error) {
	tensors := maps.Clone(w.tensors)
	maps.Copy(tensors, changes)
	return newWeights(w.Name, tensors)
}

// Hash is the SHA-256 of names, shapes and values, whatever file and format they came from: of each tensor, in
// alphabetical order, length and bytes of the name, number of dimensions, dimensions (little-endian uint64 all), and
// the values (little-endian float32).
func (w *Weights) Hash() [32]byte { return w.hash() }

func hashTensors(tensors map[string]Tensor) (digest [32]byte) {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		t := tensors[name]
		var head bytes.Buffer
		writeUint64(&head, len(name))
		head.WriteString(name)
		writeUint64(&head, len(t.Dims))
		for _, d := range t.Dims {
			writeUint64(&head, d)
		}
		h.Write(head.Bytes())
		writeFloats(h, t.Data)
	}
	return [32]byte(h.Sum(nil))
}

func writeUint64(b *bytes.Buffer, v int) {
	b.Write(binary.LittleEndian.AppendUint64(nil, uint64(v)))
}

func writeFloats(h hash.Hash, values []float32) {
	buffer := make([]byte, 0, 1<<15)
	for part := range slices.Chunk(values, cap(buffer)/4) {
		buffer = buffer[:0]
		for _, v := range part {
			buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
		}
		h.Write(buffer)
	}
}
