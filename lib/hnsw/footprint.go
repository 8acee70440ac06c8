package hnsw

import (
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/rows"
)

// BuildBytes returns the memory, in bytes, that a Build on n vectors of d dimensions needs at its peak in addition to the vectors:
// the graph, and what is freed when it is complete. It is an estimate: the levels are drawn.
func (o Options) BuildBytes(n, d int) int64 {
	const head, diverse, stamp = 4, 2, 1
	scratch := int64(n) * (head + diverse + stamp*int64(parallel.Limit(maxBatch)) + o.Insertion.planBytes())
	switch {
	case o.allowsMatrix(n, d):
		scratch += int64(n) * (4*int64(n) + 2*int64(d) + 4)
	case o.allowsCodes(n):
		scratch += int64(n) * int64((d+rows.CodeMultiple-1)/rows.CodeMultiple*rows.CodeMultiple)
	}
	return o.GraphBytes(n) + scratch
}

// planBytes returns the number of bytes that a build holds for each node as rows, order and position, and for AsHNSWLibSorted the
// values and keys that are sorted. Lists that are equal are one.
func (i Insertion) planBytes() int64 {
	const list, value, key = 4, 4, 8
	switch i {
	case AsHNSWLib:
		return list
	case AsHNSWLibSorted:
		return 2*list + value + key
	case AsFAISS115Shuffled:
		return 3 * list
	}
	return 2 * list
}

// GraphBytes returns the memory, in bytes, of a graph with n nodes. The share of the upper levels is their mean. A zero M counts as
// the default.
func (o Options) GraphBytes(n int) int64 {
	m := int64(o.M)
	if m == 0 {
		m = defaultM
	}
	const level, above = 1, 8 / levelBlock
	return int64(n) * (level + above + 4*2*m + 4*m/max(1, m-1) + 1)
}

// WalkerBytes returns the memory, in bytes, of a Walker over a graph with n nodes whose walks visit the given number of nodes.
func WalkerBytes(n, visited int) int64 {
	const stamp, effort = 1, 4
	const key, effortOfKey, spare = 8, 4, 2 // slices that grow may be twice as large
	return int64(n)*(stamp+effort) + spare*int64(visited)*(key+effortOfKey)
}
