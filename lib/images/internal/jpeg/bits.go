package jpeg

// bitReader reads entropy-coded data up to the next marker, and zeros beyond it. overrun reports whether any of these
// zeros were used.
type bitReader struct {
	data    []byte
	next    int
	bits    uint64 // the lowest count bits have not been read
	count   int
	padding int  // zeros appended at the marker
	invalid bool // whether a code that is in no table was read
}

// fill ensures that at least 32 bits are available.
func (r *bitReader) fill() {
	for r.count <= 48 {
		b := byte(0)
		switch {
		case r.next >= len(r.data):
			r.padding += 8
		case r.data[r.next] != 0xff:
			b = r.data[r.next]
			r.next++
		case r.next+1 < len(r.data) && r.data[r.next+1] == 0:
			b = 0xff
			r.next += 2
		default: // a marker
			r.padding += 8
		}
		r.bits = r.bits<<8 | uint64(b)
		r.count += 8
	}
}

// overrun reports whether bits beyond the marker were used.
func (r *bitReader) overrun() bool { return r.count < r.padding }

// receive returns the next n ≤ 16 bits as an unsigned number.
func (r *bitReader) receive(n uint8) int32 {
	if r.count < 16 {
		r.fill()
	}
	r.count -= int(n)
	return int32(r.bits>>r.count) & (1<<n - 1)
}

// extended returns the next n bits as a signed difference (F.2.2.1, Table F.1).
func (r *bitReader) extended(n uint8) int32 {
	v := r.receive(n)
	if n > 0 && v < 1<<(n-1) {
		v += -1<<n + 1
	}
	return v
}

// symbol decodes a code of t. A code that t does not contain sets invalid.
func (r *bitReader) symbol(t *huffman) uint8 {
	if r.count < 16 {
		r.fill()
	}
	peek := uint32(r.bits >> (r.count - 16) & 0xffff)
	if entry := t.fast[peek>>(16-fastBits)]; entry != 0 {
		r.count -= int(entry >> 8)
		return uint8(entry)
	}
	length := fastBits + 1
	for int32(peek>>max(16-length, 0)) >= t.limit[length] {
		length++
	}
	if length > 16 {
		r.invalid = true
		r.count -= 16
		return 0
	}
	r.count -= length
	return t.symbols[int32(peek>>(16-length))+t.offset[length]]
}

// restart discards the buffered bits and continues at offset next.
func (r *bitReader) restart(next int) {
	r.next, r.bits, r.count, r.padding = next, 0, 0, 0
}
