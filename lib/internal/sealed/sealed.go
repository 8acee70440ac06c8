// Package sealed encodes numbers with a description and a checksum, so that damage is detected when they are read.
//
// The content is a line of text that names the kind and its version, a line of JSON that describes the numbers, the numbers in
// little-endian order, and the SHA-256 of all before it.
package sealed

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Seal returns the content. Each of data is a slice of numbers of fixed size.
func Seal(kind string, header any, data ...any) ([]byte, error) {
	var b bytes.Buffer
	text, err := json.Marshal(header)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&b, "%s\n%s\n", kind, text)
	for _, d := range data {
		if err := binary.Write(&b, binary.LittleEndian, d); err != nil {
			return nil, err
		}
	}
	sum := sha256.Sum256(b.Bytes())
	return append(b.Bytes(), sum[:]...), nil
}

// Open checks the content, decodes its header and returns a reader of its numbers.
func Open(content []byte, kind string, header any) (*bytes.Reader, error) {
	rest, ok := bytes.CutPrefix(content, []byte(kind+"\n"))
	if !ok {
		return nil, fmt.Errorf("does not begin with %q", kind)
	}
	text, data, ok := bytes.Cut(rest, []byte("\n"))
	if !ok || len(data) < sha256.Size {
		return nil, errors.New("is truncated")
	}
	end := len(content) - sha256.Size
	if sum := sha256.Sum256(content[:end]); !bytes.Equal(sum[:], content[end:]) {
		return nil, errors.New("is truncated or damaged: its checksum is wrong")
	}
	if err := json.Unmarshal(text, header); err != nil {
		return nil, fmt.Errorf("has a damaged header: %w", err)
	}
	return bytes.NewReader(data[:len(data)-sha256.Size]), nil
}

// Numbers reads n numbers from r. Fewer are an error.
func Numbers[T any](r *bytes.Reader, n int) ([]T, error) {
	var one T
	if n < 0 || n > r.Len()/max(1, binary.Size(one)) {
		return nil, io.ErrUnexpectedEOF
	}
	values := make([]T, n)
	return values, binary.Read(r, binary.LittleEndian, values)
}
