package resnet50

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// maxHeader is the format's limit.
const maxHeader = 100_000_000

// decodeSafetensors reads a .safetensors file of that size in bytes (https://huggingface.co/docs/safetensors): the length
// of the header (8 bytes), the header (JSON), the data. As the format demands, the tensors fill the data without gap.
// The reader of go-huggingface (v0.3.5) is built for an older GoMLX, takes a repository of the Hugging Face hub instead of
// a file, and panics on a truncated one.
func decodeSafetensors(file io.ReaderAt, size int64) (map[string]Tensor, error) {
	entries, start, err := safetensorsHeader(file, size)
	if err != nil {
		return nil, err
	}
	if err := checkOffsets(entries, size-start); err != nil {
		return nil, err
	}
	all := map[string]Tensor{}
	for name, e := range entries {
		if isCounter(name) {
			continue
		}
		data, err := e.read(io.NewSectionReader(file, start+e.Offsets[0], e.Offsets[1]-e.Offsets[0]))
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", name, err)
		}
		all[name] = Tensor{e.Shape, data}
	}
	return all, nil
}

// safetensor is an entry of the header; the offsets count from the end of the header.
type safetensor struct {
	Type    string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

func safetensorsHeader(file io.ReaderAt, size int64) (entries map[string]safetensor, start int64, err error) {
	var length [8]byte
	if _, err := file.ReadAt(length[:], 0); err != nil {
		return nil, 0, fmt.Errorf("no safetensors header: %w", err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader || int64(n) > size-8 {
		return nil, 0, fmt.Errorf("header of %d bytes in a file of %d: truncated, or no safetensors file", n, size)
	}
	text := make([]byte, n)
	if _, err := file.ReadAt(text, 8); err != nil {
		return nil, 0, fmt.Errorf("header: %w", err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, 0, fmt.Errorf("header: %w", err)
	}
	delete(raw, "__metadata__")
	entries = map[string]safetensor{}
	for name, text := range raw {
		var e safetensor
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, 0, fmt.Errorf("header: tensor %s: %w", name, err)
		}
		entries[name] = e
	}
	return entries, 8 + int64(n), nil
}

// checkOffsets says whether the tensors follow one another and fill the data.
func checkOffsets(entries map[string]safetensor, size int64) error {
	names := slices.SortedFunc(maps.Keys(entries), func(a, b string) int {
		x, y := entries[a].Offsets, entries[b].Offsets
		return slices.Compare(x[:], y[:])
	})
	end := int64(0)
	for _, name := range names {
		e := entries[name].Offsets
		if e[0] != end || e[1] < e[0] {
			return fmt.Errorf("tensor %s: bytes %d to %d of the data, want them from %d on", name, e[0], e[1], end)
		}
		if e[1] > size {
			return fmt.Errorf("tensor %s: truncated: bytes %d to %d of the data, which has %d", name, e[0], e[1], size)
		}
		end = e[1]
	}
	if end != size {
		return fmt.Errorf("%d bytes after the last tensor", size-end)
	}
	return nil
}

// read decodes the entry's data.
func (e safetensor) read(file *io.SectionReader) ([]float32, error) {
	format, ok := map[string]number{"F32": single, "F16": half16, "BF16": brain}[e.Type]
	if !ok {
		return nil, fmt.Errorf("type %q: want F32, F16 or BF16", e.Type)
	}
	n, err := elements(e.Shape)
	if err != nil {
		return nil, err
	}
	if file.Size() != int64(n*format.bytes) {
		return nil, fmt.Errorf("%d bytes of data, want %d for shape %v of %s", file.Size(), n*format.bytes, e.Shape, e.Type)
	}
	data := make([]byte, file.Size())
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, err
	}
	return format.floats(data), nil
}
