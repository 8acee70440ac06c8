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

// UntrainedSeed is the seed of the weights that OpenWeights returns for "untrained".
const UntrainedSeed = 42

// Tensor is an array of float32, in C order.
type Tensor struct {
	Dims []int
	Data []float32
}

// Weights holds the tensors of one ResNet-50 by torchvision's names, complete and finite. It is immutable.
type Weights struct {
	// Name is the name for captions: "imagenet1k_v2", "untrained", the name of the file, or the name of its folder if the
	// file is called model.
	Name string

	// Untrained reports whether the weights are random and their batch normalisation has no statistics yet (see Calibrate).
	Untrained bool

	// Notes holds one sentence, without full stop, for each difference between the file and torchvision's.
	Notes []string

	tensors map[string]Tensor
	hash    func() [32]byte
}

// OpenWeights returns the weights that spec names: "untrained"; "imagenet1k_v2" or "imagenet1k_v1", which are torchvision's
// and must have been downloaded (otherwise the error names the command); or a file, .safetensors or a state dict by
// torch.save.
//
// In a file, OpenWeights searches for the network in nested dicts and under any prefix. The names of the tensors must be
// those of torchvision (timm has the same), of an nn.Sequential of its children, or of transformers. Other tensors are
// ignored, among them a head whose number of classes is not a thousand. FILE:PREFIX selects one of several networks in a
// file. Numbers may be float32, float64, float16 or bfloat16. It is an error if the file holds another network, a sparse or
// quantised tensor, a value that is not finite, a TorchScript program, or a whole pickled model.
//
// A file does not contain the position of the stride within a block or the preprocessing. Both are assumed to be those of
// torchvision: the stride is in the second convolution.
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

// splitSpec splits FILE:PREFIX at its last colon if no file is called spec. The prefix need not end in a dot.
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
		return nil, fmt.Errorf("weights %s: there is no file %s: run `anncapacity download %s` (%d MB) first", name, path, name, entry.Bytes/1e6)
	}
	return openWeights(path, name, nil)
}

func openWeights(path, name string, prefix *string) (*Weights, error) {
	info, err := os.Stat(path) // before os.Open, which blocks on a pipe
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("weights %q: %w: want untrained, imagenet1k_v2, imagenet1k_v1 or %s", path, fs.ErrNotExist, tensorfile.Formats)
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: a folder or a special file: want %s", path, tensorfile.Formats)
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

// caption returns the name of the weights in the file at path.
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

// newWeights returns weights with the given tensors, or an error if they are not those of the network.
func newWeights(name string, tensors map[string]Tensor) (*Weights, error) {
	if err := check(tensors); err != nil {
		return nil, err
	}
	return &Weights{Name: name, tensors: tensors, hash: sync.OnceValue(func() [32]byte { return hashTensors(tensors) })}, nil
}

// headShapes holds the shapes of the classifier's tensors. A file must hold both or neither. Embeddings do not use them.
var headShapes = map[string][]int{"fc.weight": {classes, Features}, "fc.bias": {classes}}

// check returns an error unless the tensors are exactly those of the network, have the right shapes, are finite, and contain
// no negative variance. The error names the first invalid tensor in alphabetical order.
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

// HasHead reports whether w includes the classifier (fc.weight, fc.bias).
func (w *Weights) HasHead() bool { return hasHead(w.tensors) }

// Tensor returns the named tensor and whether there is one. The caller must not modify it.
func (w *Weights) Tensor(name string) (Tensor, bool) {
	t, ok := w.tensors[name]
	return t, ok
}

// With returns a copy of w, marked as trained, in which the tensors of changes replace those of the same name. It is an error
// if the network has no tensor of that name, or if a shape is wrong or a value out of range.
func (w *Weights) With(changes map[string]Tensor) (*Weights, error) {
	tensors := maps.Clone(w.tensors)
	maps.Copy(tensors, changes)
	return newWeights(w.Name, tensors)
}

// Hash returns the SHA-256 of the names, shapes and values of the tensors. It does not depend on the file or its format. The
// hashed bytes are, for each tensor in alphabetical order: the length of the name, the bytes of the name, the number of
// dimensions, the dimensions and the values. Values are little-endian float32; lengths, counts and dimensions are
// little-endian uint64.
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
