package rank

// Smallest moves the n smallest of different keys to the front, in any order (Hoare 1961, "Algorithm 65: find").
func Smallest(keys []uint64, n int) {
	for len(keys) > 1 && n > 0 && n < len(keys) {
		pivot := median(keys[0], keys[len(keys)/2], keys[len(keys)-1])
		i, j := exchange(keys, pivot)
		for i <= j {
			for keys[i] < pivot {
				i++
			}
			for keys[j] > pivot {
				j--
			}
			if i <= j {
				keys[i], keys[j] = keys[j], keys[i]
				i++
				j--
			}
		}
		switch {
		case n <= j+1:
			keys = keys[:j+1]
		case n >= i:
			keys, n = keys[i:], n-i
		default:
			return
		}
	}
}

func median(a, b, c uint64) uint64 { return max(min(a, b), min(max(a, b), c)) }

// side is a number of keys on one side of a partition that exchange looks at together.
const side = 64

// exchange makes the first steps of the partition by the pivot, without branches that depend on the keys (Edelkamp and Weiss 2016,
// "BlockQuicksort"): the first key from the left that is not smaller than the pivot and the first from the right that is not
// larger change places, then the second ones, and so on, as in Hoare's partition. It returns where that goes on.
func exchange(keys []uint64, pivot uint64) (i, j int) {
	var left, right [side]uint8 // places of such keys in the block from i on and in that down from j
	var l, nl, r, nr int        // left[l:nl] and right[r:nr] have not changed places
	j = len(keys) - 1
	for j-i+1 >= 2*side {
		if l == nl {
			l, nl = 0, 0
			for at, key := range keys[i : i+side] {
				left[nl&(side-1)] = uint8(at)
				if key >= pivot {
					nl++
				}
			}
		}
		if r == nr {
			r, nr = 0, 0
			for at, block := 0, keys[j-side+1:j+1]; at < side; at++ {
				right[nr&(side-1)] = uint8(at)
				if block[side-1-at] <= pivot {
					nr++
				}
			}
		}
		for ; l < nl && r < nr; l, r = l+1, r+1 {
			a, b := i+int(left[l]), j-int(right[r])
			keys[a], keys[b] = keys[b], keys[a]
		}
		if l == nl {
			i += side
		}
		if r == nr {
			j -= side
		}
	}
	if l < nl {
		i += int(left[l])
	}
	if r < nr {
		j -= int(right[r])
	}
	return i, j
}
