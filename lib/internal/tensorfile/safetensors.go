package tensorfile

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// maxHeader is the maximum size of a header in bytes that the format allows.
const maxHeader = 100_000_000

// readSafetensors reads the header of a .safetensors file of size bytes (https://huggingface.co/docs/safetensors). The file
// consists of the length of the header (8 bytes), the header (JSON) and the data. The format requires that the tensors fill
// the data without gaps. The reader of go-huggingface v0.3.5 is not used: it is built for an older GoMLX, takes a repository
// of the Hugging Face hub instead of a file, and panics on a truncated file.
func readSafetensors(file io.ReaderAt, size int64) (*File, error) {
	entries, start, err := safetensorsHeader(file, size)
	if err != nil {
		return nil, err
	}
	if err := checkOffsets(entries, size-start); err != nil {
		return nil, err
	}
	f := &File{Tensors: map[string]Entry{}}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		e := entries[name]
		data := io.NewSectionReader(file, start+e.Offsets[0], e.Offsets[1]-e.Offsets[0])
		load := func() (Tensor, error) { return e.read(data) }
		if err := f.add(name, Entry{e.format().name, e.Shape, load}); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// safetensor is an entry of the header. The offsets are relative to the end of the header.
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
		return nil, 0, fmt.Errorf("header of %d bytes in a file of %d: truncated or not a safetensors file", n, size)
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

// checkOffsets returns an error unless the tensors follow one another and fill the data of size bytes.
func checkOffsets(entries map[string]safetensor, size int64) error {
	names := slices.SortedFunc(maps.Keys(entries), func(a, b string) int {
		x, y := entries[a].Offsets, entries[b].Offsets
		return slices.Compare(x[:], y[:])
	})
	end := int64(0)
	for _, name := range names {
		e := entries[name].Offsets
		if e[0] != end || e[1] < e[0] {
			return fmt.Errorf("tensor %s: bytes %d to %d of the data, want bytes from %d", name, e[0], e[1], end)
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

// format returns the format of the entry's numbers. An unknown type gives a format without decode.
func (e safetensor) format() number {
	known := map[string]number{"F32": single, "F64": double, "F16": half, "BF16": bfloat}
	if n, ok := known[e.Type]; ok {
		return n
	}
	return integer(e.Type, 1)
}

// read decodes the entry's data.
func (e safetensor) read(file *io.SectionReader) (Tensor, error) {
	format := e.format()
	if err := format.check(); err != nil {
		return Tensor{}, err
	}
	n, err := Elements(e.Shape)
	if err != nil {
		return Tensor{}, err
	}
	if file.Size() != int64(n*format.bytes) {
		return Tensor{}, fmt.Errorf("%d bytes of data, want %d for shape %v of %s", file.Size(), n*format.bytes, e.Shape, e.Type)
	}
	data := make([]byte, file.Size())
	if _, err := io.ReadFull(file, data); err != nil {
		return Tensor{}, err
	}
	return Tensor{e.Shape, format.floats(data)}, nil
}
