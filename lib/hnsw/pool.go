package hnsw

import (
	"math"
	"math/bits"

	"anncapacity/lib/internal/rank"
)

// pool holds the nearest nodes that a search has seen, nearest first. It is both queues of Algorithm 2: C consists of the
// nodes that are not expanded, and W of the first ef nodes. A node that is farther than the first ef can never be expanded,
// because the search stops before. One sorted list takes less time than two heaps.
//
// The pool holds more than ef nodes if those beyond are as near as the ef-th.
type pool struct {
	entries []uint64 // keys of package rank with the ID shifted to the left by one; the last bit is set if the node is expanded
	ef      int
	last    float32 // value of the ef-th node, if there are as many
	next    int     // all nodes before are expanded
}

// maxPool is the largest ef of a pool in a search or a walk. To add an entry, half of all are moved on average; heaps are
// faster for more.
const maxPool = 1024

// reset empties the pool.
func (p *pool) reset(ef int) { p.entries, p.ef, p.next = p.entries[:0], ef, 0 }

const valueBits = math.MaxUint32 << 32

func entryOf(key uint64) uint64 { return key&valueBits | (key&^valueBits)<<1 }

func keyOf(entry uint64) uint64 { return entry&valueBits | (entry&^valueBits)>>1 }

// wants reports whether the pool holds fewer nodes than ef, or a node with the given value is nearer than the ef-th.
func (p *pool) wants(value float32) bool { return len(p.entries) < p.ef || value < p.last }

// wantsTie is like wants, but is also true for a node that is as near as the ef-th.
func (p *pool) wantsTie(value float32) bool { return len(p.entries) < p.ef || value <= p.last }

// add inserts a node that is not in the pool, and removes the nodes that are farther than the ef-th.
func (p *pool) add(key uint64) {
	entry := entryOf(key)
	low := position(p.entries, entry)
	p.entries = append(p.entries, 0)
	copy(p.entries[low+1:], p.entries[low:])
	p.entries[low] = entry
	p.next = min(p.next, low)
	for n := len(p.entries) - 1; n >= p.ef && p.entries[n]>>32 > p.entries[p.ef-1]>>32; n-- {
		p.entries = p.entries[:n]
	}
	if len(p.entries) >= p.ef {
		p.last = rank.Value(p.entries[p.ef-1])
	}
}

// position returns the number of entries that are less than entry, by a binary search without branches that depend on the
// entries, which would be mispredicted.
func position(entries []uint64, entry uint64) int {
	low := 0
	for n := len(entries); n > 0; {
		half := (n + 1) / 2
		_, less := bits.Sub64(entries[low+half-1], entry, 0)
		low += half & -int(less)
		n -= half
	}
	return low
}

// expand returns the nearest node that is not expanded, and marks it as expanded. It returns false if there is none.
func (p *pool) expand() (id int32, ok bool) {
	for ; p.next < len(p.entries); p.next++ {
		if e := p.entries[p.next]; e&1 == 0 {
			p.entries[p.next] |= 1
			return rank.ID(keyOf(e)), true
		}
	}
	return 0, false
}

// keys appends the keys of the first ef nodes, nearest first, to out.
func (p *pool) keys(out []uint64) []uint64 {
	for _, e := range p.entries[:min(p.ef, len(p.entries))] {
		out = append(out, keyOf(e))
	}
	return out
}

// upcoming returns the nearest node that is not expanded, which is the next to be expanded unless nearer ones are added.
func (p *pool) upcoming() (id int32, ok bool) {
	for _, e := range p.entries[min(p.next, len(p.entries)):] {
		if e&1 == 0 {
			return rank.ID(keyOf(e)), true
		}
	}
	return 0, false
}

// nearer returns the number of nodes that are strictly nearer than the one expanded last.
func (p *pool) nearer() int {
	value := p.entries[p.next] & valueBits
	if p.next == 0 || p.entries[p.next-1] < value {
		return p.next
	}
	return position(p.entries[:p.next], value)
}
