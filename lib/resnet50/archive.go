package resnet50

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// archive is what a file of weights holds, by name; the values of its tensors are not read yet.
type archive struct {
	tensors map[string]stored
	objects map[string]string // what is no tensor, and of which Python class it is
}

// stored is a tensor in a file.
type stored struct {
	number string // "float32", …
	dims   []int
	load   func() (Tensor, error)
}

// add keeps a tensor, but for the counters of batches, which inference does not need. Words that PyTorch's wrappers insert into
// names are dropped.
func (a *archive) add(name string, t stored) error {
	name = wrappers.Replace(name)
	if strings.HasSuffix(name, "num_batches_tracked") {
		return nil
	}
	if _, twice := a.tensors[name]; twice {
		return fmt.Errorf("tensor %s appears twice", name)
	}
	a.tensors[name] = t
	return nil
}

// wrappers are torch.compile, FullyShardedDataParallel and activation checkpointing.
var wrappers = strings.NewReplacer("_orig_mod.", "", "_fsdp_wrapped_module.", "", "_checkpoint_wrapped_module.", "")

// readArchive reads the directory of a file of that size in bytes. The format is told by the first bytes: torch.save's of today (a
// zip archive), torch.save's of old, or safetensors.
func readArchive(file io.ReaderAt, size int64, path string) (*archive, error) {
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
	return nil, fmt.Errorf("%s: want %s", contentName(head), wantWeights)
}

const wantWeights = "a .safetensors file or a state dict by torch.save (.pth, .pt, .bin, .ckpt)"

// contentName names what people take for weights of PyTorch.
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

// numbersOf is the formats of the numbers of some tensors, without repetition.
func (a *archive) numbersOf(names []string) []string {
	var found []string
	for _, name := range names {
		if n := a.tensors[name].number; !slices.Contains(found, n) {
			found = append(found, n)
		}
	}
	slices.Sort(found)
	return found
}
