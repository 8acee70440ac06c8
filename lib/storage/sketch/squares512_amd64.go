package sketch

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

const (
	lane      = 4
	chunk     = 16 * lane
	codeBytes = 64               // avx512 reads so many bytes for a code
	mostCode  = 8*codeBytes - 16 // bits of a code that begins at any bit of the first byte, read as 2 bytes
)

// prepareLanes sets the lanes, if avx512 can run on this CPU and for this quantizer. It cannot if the codewords do not lie one after
// another in memory.
func (q *Quantizer) prepareLanes() {
	d := q.starts[len(q.bits)]
	c := &cpu.X86
	if !c.HasAVX512F || !c.HasAVX512BW || !c.HasAVX512DQ || !c.HasAVX512VBMI || !c.HasAVX512VNNI ||
		d%chunk != 0 || d > mostNumbers || q.Bits() > mostCode {
		return
	}
	all := make([]lanes, d/chunk)
	at := 0
	for m, words := range q.words {
		numbers := q.starts[m+1] - q.starts[m]
		if numbers%lane != 0 || &words[0] != (*uint8)(unsafe.Add(unsafe.Pointer(&q.words[0][0]), at)) {
			return
		}
		for j := 0; j < numbers; j += lane {
			l, i := &all[(q.starts[m]+j)/chunk], (q.starts[m]+j)%chunk/lane
			l.offset[i], l.mask[i] = uint32(q.offset[m]), 1<<q.bits[m]-1
			l.step[i], l.first[i] = uint32(numbers/lane), uint32((at+j)/lane)
		}
		at += len(words)
	}
	q.lanes, q.few = all, q.fewParts()
}

// avx512 sets size squares, at least one, to the squared distances between query and the vectors whose codes, of the given number of
// bits, begin at bit at. It reads codeBytes bytes from the first byte of a code.
//
//go:noescape
func avx512(squares *uint32, size int, packed *byte, at, bits int, query *uint8, words *uint8, lanes *lanes, n int)

// avx512Parts sets size squares, at least one, to the squared distances between query and the vectors whose codes begin at bit at. A
// part has at most mostPart numbers.
//
//go:noescape
func avx512Parts(squares *uint32, size int, packed *byte, at int, query *uint8, parts *part, n int)

const (
	mostPart     = 64
	fastestParts = 4 // subspaces of 128 numbers, up to which avx512Parts is faster than avx512
)

// fewParts reports whether avx512Parts is to be used.
func (q *Quantizer) fewParts() bool {
	for _, p := range q.parts {
		if p.numbers > mostPart {
			return false
		}
	}
	return 128*len(q.parts) <= fastestParts*q.starts[len(q.parts)]
}

// Prefetch makes the processor load the codes of unit u into its cache while it computes something else.
func (s *Sketch) Prefetch(u int) {
	n := s.units.Subspaces()
	prefetch(&s.codes[u*n], n)
	if s.members != nil {
		bits := s.slots * s.members.Bits()
		prefetch(&s.packed[u*bits/8], bits/8+1)
	}
}

// prefetch loads size bytes, or a line more.
//
//go:noescape
func prefetch(from *byte, size int)
