package hdf5

import (
	"encoding/binary"
	"fmt"
)

// Kind is the kind of the numbers in a data set.
type Kind int

// Kinds of numbers. Other is any type that this package does not support.
const (
	Other Kind = iota
	Float      // IEEE 754, 2, 4 or 8 bytes
	Int        // two's complement, 1 to 8 bytes
	Uint
)

// Type is the type of the elements of a data set.
type Type struct {
	Kind  Kind
	Size  int // bytes
	Order binary.ByteOrder
	Name  string // NumPy's name without the byte order; a description for Other
}

// classNames are the names of the datatype classes, indexed by number.
var classNames = []string{"integer", "float", "time", "string", "bit field", "opaque", "compound", "reference",
	"enumeration (or bool)", "variable-length", "array", "complex"}

// datatype parses a datatype message, which may refer to a committed type.
func (f *File) datatype(m message) (Type, error) {
	if m.flags&flagShared != 0 {
		committed, err := f.committedType(m)
		if err != nil {
			return Type{}, err
		}
		m = committed
	}
	c := inBlock("datatype message", m.body)
	head := c.uint(1)
	class, version := head&15, head>>4
	bits, size := c.uint(3), c.uint(4)
	if c.err == nil && (version < 1 || version > 5) {
		return Type{}, fmt.Errorf("damaged: datatype message of version %d", version)
	}
	switch class {
	case 0:
		return integerType(c, bits, size)
	case 1:
		return floatType(c, bits, size)
	}
	if int(class) >= len(classNames) {
		return Type{}, fmt.Errorf("damaged: datatype of class %d", class)
	}
	return Type{Name: classNames[class], Size: int(size)}, c.err
}

// committedType returns the datatype message of the object to which a shared message refers.
func (f *File) committedType(m message) (message, error) {
	c := inBlock("shared datatype message", m.body)
	version, kind := c.uint(1), c.uint(1)
	switch {
	case version == 1:
		c.bytes(6)
	case version == 3 && kind == 1:
		return m, unsupportedf("a datatype in the table of shared messages")
	case version != 2 && version != 3:
		return m, unsupportedf("a shared message of version %d", version)
	}
	address := f.address(c)
	if c.err != nil {
		return m, c.err
	}
	messages, err := f.header(address)
	if err != nil {
		return m, err
	}
	target, ok, err := find(messages, messageDatatype)
	if err == nil && (!ok || target.flags&flagShared != 0) {
		err = fmt.Errorf("damaged: the object at address %d is no committed datatype", address)
	}
	return target, err
}

func integerType(c *cursor, bits, size uint64) (Type, error) {
	offset, precision := c.uint(2), c.uint(2)
	t := Type{Kind: Uint, Size: int(size), Order: binary.LittleEndian, Name: fmt.Sprintf("uint%d", precision)}
	if bits&(1<<3) != 0 {
		t.Kind, t.Name = Int, t.Name[1:]
	}
	if bits&1 != 0 {
		t.Order = binary.BigEndian
	}
	if offset != 0 || precision != 8*size || size != 1 && size != 2 && size != 4 && size != 8 {
		t.Kind, t.Name = Other, fmt.Sprintf("integer of %d bits in %d bytes", precision, size)
	}
	return t, c.err
}

// floatLayout is the position of sign, exponent and mantissa, in bits.
type floatLayout struct{ sign, offset, precision, exponent, exponentBits, mantissa, mantissaBits, bias uint64 }

var ieee = map[uint64]floatLayout{
	2: {15, 0, 16, 10, 5, 0, 10, 15},
	4: {31, 0, 32, 23, 8, 0, 23, 127},
	8: {63, 0, 64, 52, 11, 0, 52, 1023},
}

func floatType(c *cursor, bits, size uint64) (Type, error) {
	got := floatLayout{sign: bits >> 8 & 255, offset: c.uint(2), precision: c.uint(2)}
	got.exponent, got.exponentBits, got.mantissa, got.mantissaBits, got.bias = c.uint(1), c.uint(1), c.uint(1), c.uint(1), c.uint(4)
	t := Type{Kind: Float, Size: int(size), Order: binary.LittleEndian, Name: fmt.Sprintf("float%d", 8*size)}
	order := bits&1 | bits>>5&2
	if order == 1 {
		t.Order = binary.BigEndian
	}
	if want, ok := ieee[size]; !ok || got != want || order > 1 || bits>>4&3 != 2 {
		t.Kind, t.Name = Other, fmt.Sprintf("float of %d bits in %d bytes that is not IEEE 754's", got.precision, size)
	}
	return t, c.err
}
