package hdf5

import "fmt"

// space is the shape of a data set. max is its maximum shape (all bits set means unlimited).
type space struct {
	null      bool
	dims, max []uint64
}

// maxRank is the maximum number of dimensions in the format.
const maxRank = 32

func (f *File) dataspace(body []byte) (s space, err error) {
	c := inBlock("dataspace message", body)
	version := c.uint(1)
	rank, flags := c.uint(1), c.uint(1)
	switch version {
	case 1:
		c.bytes(5)
	case 2:
		s.null = c.uint(1) == 2
	default:
		return s, unsupportedf("dataspace message of version %d", version)
	}
	if rank > maxRank {
		return s, fmt.Errorf("damaged: dataspace of %d dimensions", rank)
	}
	for range rank {
		s.dims = append(s.dims, f.length(c))
	}
	s.max = s.dims
	if flags&1 != 0 {
		s.max = nil
		for range rank {
			s.max = append(s.max, f.unlimited(f.length(c)))
		}
	}
	for i, n := range s.dims {
		if c.err == nil && n > s.max[i] {
			return s, fmt.Errorf("damaged: dimension %d is %d, at most %d is allowed", i, n, s.max[i])
		}
	}
	return s, c.err
}

// unlimited widens the value that means "no limit" to 64 bits.
func (f *File) unlimited(n uint64) uint64 {
	if n == ^uint64(0)>>(64-8*f.lengthSize) {
		return ^uint64(0)
	}
	return n
}

// fill is the value of elements that were never written.
type fill struct {
	value   []byte // nil: zeros
	defined bool   // false: unwritten elements have no value
}

// fillNever is the fill time at which no fill values are written.
const fillNever = 1

func (f *File) fillValue(messages []message) (fill, error) {
	m, ok, err := find(messages, messageFill)
	if err != nil || ok {
		return newFill(m, err)
	}
	m, ok, err = find(messages, messageOldFill)
	if err != nil || !ok {
		return fill{defined: true}, err
	}
	c := inBlock("fill value message", m.body)
	value := c.bytes(int(c.uint(4)))
	return fill{value, true}, c.err
}

func newFill(m message, err error) (fill, error) {
	if err != nil {
		return fill{}, err
	}
	if m.flags&flagShared != 0 {
		return fill{}, unsupportedf("a shared fill value message")
	}
	c := inBlock("fill value message", m.body)
	switch version := c.uint(1); version {
	case 1, 2:
		c.bytes(1)
		return fill12(c, version)
	case 3:
		flags := c.uint(1)
		v := fill{defined: flags&(1<<4) == 0 && flags>>2&3 != fillNever}
		if flags&(1<<5) != 0 {
			v.value = c.bytes(int(c.uint(4)))
		}
		return v, c.err
	default:
		return fill{}, unsupportedf("fill value message of version %d", version)
	}
}

func fill12(c *cursor, version uint64) (v fill, err error) {
	when, defined := c.uint(1), c.uint(1)
	v.defined = when != fillNever
	if version == 1 || defined != 0 {
		// A negative size means "undefined".
		if size := int32(c.uint(4)); size >= 0 {
			v.value = c.bytes(int(size))
		} else {
			v.defined = false
		}
		return v, c.err
	}
	v.defined = false
	return v, c.err
}

// element returns the bytes of the fill value for one element.
func (v fill) element(size int) ([]byte, error) {
	switch {
	case !v.defined:
		return nil, fmt.Errorf("has elements that were never written, and no fill value for them")
	case len(v.value) == 0:
		return make([]byte, size), nil
	case len(v.value) != size:
		return nil, fmt.Errorf("damaged: fill value of %d bytes for elements of %d", len(v.value), size)
	}
	return v.value, nil
}
