package order

// heapify makes keys a heap: the smallest is the first.
func heapify(keys []uint64) {
	for i := len(keys)/2 - 1; i >= 0; i-- {
		down(keys, i)
	}
}

// push adds a key to a heap.
func push(keys []uint64, key uint64) []uint64 {
	keys = append(keys, key)
	for i := len(keys) - 1; i > 0 && keys[i] < keys[(i-1)/2]; i = (i - 1) / 2 {
		keys[i], keys[(i-1)/2] = keys[(i-1)/2], keys[i]
	}
	return keys
}

// pop removes the smallest key of a heap.
func pop(keys []uint64) []uint64 {
	last := len(keys) - 1
	keys[0] = keys[last]
	down(keys[:last], 0)
	return keys[:last]
}

// down moves key i down to its place in a heap.
func down(keys []uint64, i int) {
	for {
		least := 2*i + 1
		if least >= len(keys) {
			return
		}
		if least+1 < len(keys) && keys[least+1] < keys[least] {
			least++
		}
		if keys[i] <= keys[least] {
			return
		}
		keys[i], keys[least] = keys[least], keys[i]
		i = least
	}
}
