package sketch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// header begins the binary form of a sketch. The numbers are little-endian, as all that follow: mean, units that are not full, bits
// and step and codewords of the two quantizers, codes of the units, codes of the vectors.
type header struct {
	Magic                              [8]byte
	Vectors, Dimension, Units, Slots   uint32
	Short, UnitSubspaces, MemberSpaces uint32
}

var magic = [8]byte{'s', 'k', 'e', 't', 'c', 'h', '0', '1'}

// MarshalBinary returns the sketch in a binary form that depends only on its content.
func (s *Sketch) MarshalBinary() ([]byte, error) {
	h := header{
		Magic: magic, Vectors: uint32(s.vectors), Dimension: uint32(len(s.mean)), Units: uint32(s.Units()), Slots: uint32(s.slots),
		Short: uint32(len(s.short)), UnitSubspaces: uint32(s.units.Subspaces()),
	}
	if s.members != nil {
		h.MemberSpaces = uint32(s.members.Subspaces())
	}
	data, err := binary.Append(nil, binary.LittleEndian, h)
	if err != nil {
		return nil, err
	}
	for _, x := range s.mean {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(x))
	}
	for _, u := range s.short {
		data = binary.LittleEndian.AppendUint32(data, uint32(u.unit))
		data = binary.LittleEndian.AppendUint32(data, uint32(u.size))
	}
	for _, q := range []*Quantizer{s.units, s.members} {
		if q != nil {
			data = q.append(data)
		}
	}
	return append(append(data, s.codes...), s.packed...), nil
}

// append appends the bits, the step and the codewords.
func (q *Quantizer) append(data []byte) []byte {
	for _, b := range q.bits {
		data = append(data, uint8(b))
	}
	data = binary.LittleEndian.AppendUint32(data, math.Float32bits(q.step))
	for _, words := range q.words {
		data = append(data, words...)
	}
	return data
}

// Read returns the sketch that MarshalBinary wrote. Data that MarshalBinary cannot have written is an error.
func Read(data []byte) (*Sketch, error) {
	var h header
	n, err := binary.Decode(data, binary.LittleEndian, &h)
	if err != nil || h.Magic != magic {
		return nil, errors.New("sketch: not a sketch of this version")
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	r := reader{data: data[n:]}
	s := &Sketch{vectors: int(h.Vectors), slots: int(h.Slots)}
	for range h.Dimension {
		x := r.float()
		s.mean = append(s.mean, x)
		if x-x != 0 {
			r.err = fmt.Errorf("sketch: the mean has the coordinate %v", x)
		}
		if r.err != nil {
			return nil, r.err
		}
	}
	r.shorts(s, h)
	s.units = r.quantizer(int(h.Dimension), int(h.UnitSubspaces))
	if h.MemberSpaces > 0 {
		s.members = r.quantizer(int(h.Dimension), int(h.MemberSpaces))
	}
	if r.err != nil {
		return nil, r.err
	}
	s.codes = r.take(int(h.Units) * int(h.UnitSubspaces))
	if s.members != nil {
		s.packed = r.take((int(h.Units)*s.slots*s.members.Bits()+7)/8 + padding)
	}
	if r.err == nil && len(r.data) > 0 {
		r.err = fmt.Errorf("sketch: %d bytes follow its end", len(r.data))
	}
	if r.err != nil {
		return nil, r.err
	}
	if err := s.checkCodes(); err != nil {
		return nil, err
	}
	s.group()
	return s, nil
}

// check returns an error if the numbers are impossible.
func (h header) check() error {
	full := uint64(h.Units) * uint64(h.Slots)
	if h.Dimension == 0 || h.Units == 0 || h.Slots == 0 || h.Vectors > mostVectors || full > math.MaxUint32 ||
		uint64(h.Vectors) > full || h.Short > h.Units ||
		h.UnitSubspaces == 0 || h.UnitSubspaces > h.Dimension || h.MemberSpaces > h.Dimension {
		return fmt.Errorf("sketch: %d vectors of %d numbers in %d units of %d", h.Vectors, h.Dimension, h.Units, h.Slots)
	}
	return nil
}

// checkCodes returns an error if the code of a unit has no codeword. Codes of vectors always have one.
func (s *Sketch) checkCodes() error {
	n := s.units.Subspaces()
	for i, code := range s.codes {
		if int(code)>>s.units.bits[i%n] != 0 {
			return fmt.Errorf("sketch: unit %d has a code without a codeword", i/n)
		}
	}
	return nil
}

// reader reads from data until the first error.
type reader struct {
	data []byte
	err  error
}

// take returns the next n bytes, or nil and sets err if there are fewer.
func (r *reader) take(n int) []byte {
	if n > len(r.data) {
		if r.err == nil {
			r.err = fmt.Errorf("sketch: %d bytes are missing", n-len(r.data))
		}
		return nil
	}
	taken := r.data[:n:n]
	r.data = r.data[n:]
	return taken
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (r *reader) float() float32 { return math.Float32frombits(r.uint32()) }

// shorts reads the units that are not full.
func (r *reader) shorts(s *Sketch, h header) {
	missing, last := 0, int64(-1)
	for range h.Short {
		u, size := r.uint32(), r.uint32()
		if r.err != nil {
			return
		}
		if int64(u) <= last || u >= h.Units || size == 0 || size >= h.Slots {
			r.err = fmt.Errorf("sketch: unit %d of %d has %d of %d vectors", u, h.Units, size, h.Slots)
			return
		}
		last = int64(u)
		missing += s.slots - int(size)
		s.short = append(s.short, short{int32(u), int32(size)})
	}
	if r.err == nil && int(h.Units)*s.slots-missing != s.vectors {
		r.err = fmt.Errorf("sketch: the units hold %d vectors, not %d", int(h.Units)*s.slots-missing, s.vectors)
	}
}

// quantizer reads a quantizer for vectors of d numbers.
func (r *reader) quantizer(d, subspaces int) *Quantizer {
	bits := make([]int, 0, subspaces)
	for _, b := range r.take(subspaces) {
		if b > mostBits && r.err == nil {
			r.err = fmt.Errorf("sketch: %d bits for a subspace", b)
		}
		bits = append(bits, int(b))
	}
	if r.err != nil || len(bits) != subspaces {
		return nil
	}
	q := newQuantizer(d, bits)
	q.step = r.float()
	for m, b := range bits {
		q.words[m] = r.take((q.starts[m+1] - q.starts[m]) << b)
	}
	if r.err != nil {
		return nil
	}
	if r.err = q.check(); r.err == nil {
		q.prepare()
	}
	return q
}
