package router

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A file of this package is a line of text that names its kind and version, a line of JSON that describes the content, the
// numbers in little-endian order, and the SHA-256 of all before it.

const networkKind = "anncapacity router network 1"

// seal returns the content of a file.
func seal(kind string, header any, data ...any) ([]byte, error) {
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

// unseal checks the content of a file, decodes its header and returns its numbers.
func unseal(content []byte, kind string, header any) (*bytes.Reader, error) {
	rest, ok := bytes.CutPrefix(content, []byte(kind+"\n"))
	if !ok {
		return nil, fmt.Errorf("does not begin with %q", kind)
	}
	end := len(content) - sha256.Size
	text, data, ok := bytes.Cut(rest, []byte("\n"))
	if !ok || len(data) < sha256.Size {
		return nil, errors.New("is truncated")
	}
	if sum := sha256.Sum256(content[:end]); !bytes.Equal(sum[:], content[end:]) {
		return nil, errors.New("is truncated or damaged: its checksum is wrong")
	}
	if err := json.Unmarshal(text, header); err != nil {
		return nil, fmt.Errorf("has a damaged header: %w", err)
	}
	return bytes.NewReader(data[:len(data)-sha256.Size]), nil
}

// numbers reads n numbers from r.
func numbers[T any](r *bytes.Reader, n int) ([]T, error) {
	var one T
	if n < 0 || n > r.Len()/max(1, binary.Size(one)) {
		return nil, io.ErrUnexpectedEOF
	}
	values := make([]T, n)
	return values, binary.Read(r, binary.LittleEndian, values)
}

// MarshalBinary returns the network in this package's format.
func (n *Network) MarshalBinary() ([]byte, error) {
	data := []any{n.mean, n.deviation}
	for _, v := range n.values {
		data = append(data, v)
	}
	return seal(networkKind, n.form, data...)
}

// UnmarshalBinary replaces the network by the one that MarshalBinary wrote.
func (n *Network) UnmarshalBinary(content []byte) error {
	var f form
	r, err := unseal(content, networkKind, &f)
	if err != nil {
		return fmt.Errorf("router: the network %w", err)
	}
	if f.D < 1 || f.Units < 1 || f.Layers && f.Hidden < 1 || !f.Layers && !f.Direct || int(f.Activation) >= len(activationNames) {
		return fmt.Errorf("router: the network has the invalid form %+v", f)
	}
	var all [][]float32
	for _, size := range append([]int{f.D, f.D}, f.sizes()...) {
		values, err := numbers[float32](r, size)
		if err != nil {
			return fmt.Errorf("router: the network is truncated: %w", err)
		}
		all = append(all, values)
	}
	if r.Len() > 0 {
		return fmt.Errorf("router: the network has %d surplus bytes", r.Len())
	}
	*n = *newNetwork(f, all[0], all[1], all[2:])
	return n.check()
}

// sizes returns the number of values of each of form.parameters().
func (f form) sizes() []int {
	var sizes []int
	for _, p := range f.parameters() {
		sizes = append(sizes, p.size())
	}
	return sizes
}

// check returns an error if a parameter is NaN or infinite or a deviation is not positive.
func (n *Network) check() error {
	for i, p := range n.form.parameters() {
		for _, x := range n.values[i] {
			if x-x != 0 {
				return fmt.Errorf("router: the parameter %s holds %v", p.part, x)
			}
		}
	}
	for j, s := range n.deviation {
		if !(s > 0) || s-s != 0 || n.mean[j]-n.mean[j] != 0 {
			return fmt.Errorf("router: coordinate %d has the mean %v and the deviation %v", j, n.mean[j], s)
		}
	}
	return nil
}
