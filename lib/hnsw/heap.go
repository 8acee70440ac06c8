package hnsw

// minHeap is a binary heap that returns its smallest key first. (With container/heap, which needs an interface call for
// every comparison, a build took 2.5 times as long.)
type minHeap []uint64

func (h *minHeap) push(key uint64) {
	*h = append(*h, key)
	s := *h
	i := len(s) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if s[parent] <= key {
			break
		}
		s[i] = s[parent]
		i = parent
	}
	s[i] = key
}

func (h *minHeap) pop() uint64 {
	s := *h
	top, last := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	i := 0
	for {
		child := 2*i + 1
		if child >= len(s) {
			break
		}
		if child+1 < len(s) && s[child+1] < s[child] {
			child++
		}
		if last <= s[child] {
			break
		}
		s[i] = s[child]
		i = child
	}
	if len(s) > 0 {
		s[i] = last
	}
	return top
}
