// Package tensorfile reads arrays of floating-point numbers from files of weights: .safetensors, and state dicts by
// torch.save in both of its layouts. Nothing in a file is executed.
package tensorfile

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// File holds the content of a file of weights, by name. The names of nested dicts are joined by dots. A File omits the words
// that PyTorch's wrappers insert into names, and the tensors num_batches_tracked, the counters of batch normalisation.
type File struct {
	Tensors map[string]Entry
	Objects map[string]string // descriptions of objects that are not dense tensors, such as "a sparse tensor"
}

// Entry is a tensor in a file. The file must be open while Load reads the values.
type Entry struct {
	Number string // "float32", "int64", …
	Dims   []int
	Load   func() (Tensor, error)
}

// add adds a tensor to f.
func (f *File) add(name string, t Entry) error {
	name = wrappers.Replace(name)
	if strings.HasSuffix(name, "num_batches_tracked") {
		return nil
	}
	if _, twice := f.Tensors[name]; twice {
		return fmt.Errorf("tensor %s appears twice", name)
	}
	f.Tensors[name] = t
	return nil
}

// wrappers removes the words of torch.compile, FullyShardedDataParallel and activation checkpointing from a name.
var wrappers = strings.NewReplacer("_orig_mod.", "", "_fsdp_wrapped_module.", "", "_checkpoint_wrapped_module.", "")

// Read reads the names, types and shapes of the tensors in a file of size bytes. It recognises the format by the first
// bytes: the current layout of torch.save (a zip archive), its old layout, or safetensors. The extension of path also
// identifies a .safetensors file.
func Read(file io.ReaderAt, size int64, path string) (*File, error) {
	head := make([]byte, 512)
	n, err := file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return readZip(file, size)
	case bytes.HasPrefix(head, []byte{0x80}):
		return readLegacy(file, size)
	case strings.EqualFold(filepath.Ext(path), ".safetensors"), len(head) > 8 && head[8] == '{':
		return readSafetensors(file, size)
	}
	return nil, fmt.Errorf("%s: want %s", contentName(head), Formats)
}

// Formats describes, for error texts, the files that Read reads.
const Formats = "a .safetensors file or a state dict by torch.save (.pth, .pt, .bin, .ckpt)"

// contentName describes the content of a file that begins with head, for formats that users may confuse with PyTorch weights.
func contentName(head []byte) string {
	names := []struct{ magic, name string }{
		{"\x89HDF", "an HDF5 file, as Keras writes"}, {"\x1f\x8b", "a file packed by gzip"}, {"version https://git-lfs", "a Git LFS pointer"},
		{"{", "JSON, such as the index of weights in several files"}, {"<", "a web page or XML"}, {"\x93NUMPY", "a NumPy array"},
		{"\x08", "a protocol buffer, such as ONNX's"},
	}
	for _, n := range names {
		if bytes.HasPrefix(head, []byte(n.magic)) {
			return n.name
		}
	}
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		return "a tar archive"
	}
	return "neither a zip archive nor a pickle nor safetensors"
}

// Numbers returns the formats of the numbers of the named tensors, sorted, without duplicates.
func (f *File) Numbers(names []string) []string {
	var found []string
	for _, name := range names {
		if n := f.Tensors[name].Number; !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	slices.Sort(found)
	return found
}
