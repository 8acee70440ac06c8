package rows

import "golang.org/x/sys/cpu"

func squaredL2(query, data []float32, ids []int32, out []float32) {
	if !cpu.X86.HasAVX2 || len(ids) == 0 {
		plainSquaredL2(query, data, ids, out)
		return
	}
	whole, mask := len(ids)/Group, &masks[len(query)%lanes]
	if whole > 0 {
		squaredAVX2(&query[0], len(query), &data[0], &ids[0], whole, &out[0], &mask[0])
	}
	if rest := ids[whole*Group:]; len(rest) > 0 {
		last, values := fill(rest), [Group]float32{}
		squaredAVX2(&query[0], len(query), &data[0], &last[0], 1, &values[0], &mask[0])
		copy(out[whole*Group:], values[:len(rest)])
	}
}

func negatedProduct(query, data []float32, ids []int32, out []float32) {
	if !cpu.X86.HasAVX2 || len(ids) == 0 {
		plainNegatedProduct(query, data, ids, out)
		return
	}
	whole, mask := len(ids)/Group, &masks[len(query)%lanes]
	if whole > 0 {
		productAVX2(&query[0], len(query), &data[0], &ids[0], whole, &out[0], &mask[0])
	}
	if rest := ids[whole*Group:]; len(rest) > 0 {
		last, values := fill(rest), [Group]float32{}
		productAVX2(&query[0], len(query), &data[0], &last[0], 1, &values[0], &mask[0])
		copy(out[whole*Group:], values[:len(rest)])
	}
}

func squaredCodes(query, data []int8, ids []int32, out []float32) {
	if !cpu.X86.HasAVX2 || len(ids) == 0 {
		plainSquaredCodes(query, data, ids, out)
		return
	}
	whole := len(ids) / Group
	if whole > 0 {
		squaredCodesGroups(&query[0], len(query), &data[0], &ids[0], whole, &out[0])
	}
	if rest := ids[whole*Group:]; len(rest) > 0 {
		last, values := fill(rest), [Group]float32{}
		squaredCodesGroups(&query[0], len(query), &data[0], &last[0], 1, &values[0])
		copy(out[whole*Group:], values[:len(rest)])
	}
}

func negatedCodes(query, data []int8, ids []int32, out []float32) {
	if !cpu.X86.HasAVX2 || len(ids) == 0 {
		plainNegatedCodes(query, data, ids, out)
		return
	}
	whole := len(ids) / Group
	if whole > 0 {
		productCodesGroups(&query[0], len(query), &data[0], &ids[0], whole, &out[0])
	}
	if rest := ids[whole*Group:]; len(rest) > 0 {
		last, values := fill(rest), [Group]float32{}
		productCodesGroups(&query[0], len(query), &data[0], &last[0], 1, &values[0])
		copy(out[whole*Group:], values[:len(rest)])
	}
}

func squaredCodesGroups(query *int8, d int, data *int8, ids *int32, groups int, out *float32) {
	if wide(d) {
		squaredCodes512(query, d, data, ids, groups, out)
		return
	}
	squaredCodesAVX2(query, d, data, ids, groups, out)
}

func productCodesGroups(query *int8, d int, data *int8, ids *int32, groups int, out *float32) {
	if wide(d) {
		productCodes512(query, d, data, ids, groups, out)
		return
	}
	productCodesAVX2(query, d, data, ids, groups, out)
}

// wide reports whether rows of d codes are computed with registers of 512 bits.
func wide(d int) bool { return d%32 == 0 && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512F }

// fill returns a group that begins with fewer IDs and repeats the last.
func fill(ids []int32) (full [Group]int32) {
	for i := range full {
		full[i] = ids[min(i, len(ids)-1)]
	}
	return full
}

// masks selects, by its index, the first of eight lanes.
var masks = [lanes][lanes]int32{
	{}, {-1}, {-1, -1}, {-1, -1, -1}, {-1, -1, -1, -1}, {-1, -1, -1, -1, -1}, {-1, -1, -1, -1, -1, -1}, {-1, -1, -1, -1, -1, -1, -1},
}

//go:noescape
func squaredAVX2(query *float32, d int, data *float32, ids *int32, groups int, out *float32, mask *int32)

//go:noescape
func productAVX2(query *float32, d int, data *float32, ids *int32, groups int, out *float32, mask *int32)

//go:noescape
func squaredCodesAVX2(query *int8, d int, data *int8, ids *int32, groups int, out *float32)

//go:noescape
func productCodesAVX2(query *int8, d int, data *int8, ids *int32, groups int, out *float32)

//go:noescape
func squaredCodes512(query *int8, d int, data *int8, ids *int32, groups int, out *float32)

//go:noescape
func productCodes512(query *int8, d int, data *int8, ids *int32, groups int, out *float32)

// Prefetch asks the processor to read the first 32 numbers, at least one, into its cache.
func Prefetch(numbers []int32) { prefetch(&numbers[0]) }

//go:noescape
func prefetch(numbers *int32)
