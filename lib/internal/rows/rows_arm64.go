package rows

func squaredL2(query, data []float32, ids []int32, out []float32) {
	if len(query) < lanes || len(ids) == 0 {
		plainSquaredL2(query, data, ids, out)
		return
	}
	whole, rest := len(ids)/Group, restOf(len(query))
	if whole > 0 {
		squaredNEON(&query[0], len(query), &data[0], &ids[0], whole, &out[0], rest)
	}
	if left := ids[whole*Group:]; len(left) > 0 {
		last, values := fill(left), [Group]float32{}
		squaredNEON(&query[0], len(query), &data[0], &last[0], 1, &values[0], rest)
		copy(out[whole*Group:], values[:len(left)])
	}
}

func negatedProduct(query, data []float32, ids []int32, out []float32) {
	if len(query) < lanes || len(ids) == 0 {
		plainNegatedProduct(query, data, ids, out)
		return
	}
	whole, rest := len(ids)/Group, restOf(len(query))
	if whole > 0 {
		productNEON(&query[0], len(query), &data[0], &ids[0], whole, &out[0], rest)
	}
	if left := ids[whole*Group:]; len(left) > 0 {
		last, values := fill(left), [Group]float32{}
		productNEON(&query[0], len(query), &data[0], &last[0], 1, &values[0], rest)
		copy(out[whole*Group:], values[:len(left)])
	}
}

func squaredCodes(query, data []int8, ids []int32, out []float32) {
	whole := len(ids) / Group
	if whole > 0 {
		squaredCodesNEON(&query[0], len(query), &data[0], &ids[0], whole, &out[0])
	}
	if left := ids[whole*Group:]; len(left) > 0 {
		last, values := fill(left), [Group]float32{}
		squaredCodesNEON(&query[0], len(query), &data[0], &last[0], 1, &values[0])
		copy(out[whole*Group:], values[:len(left)])
	}
}

func negatedCodes(query, data []int8, ids []int32, out []float32) {
	whole := len(ids) / Group
	if whole > 0 {
		productCodesNEON(&query[0], len(query), &data[0], &ids[0], whole, &out[0])
	}
	if left := ids[whole*Group:]; len(left) > 0 {
		last, values := fill(left), [Group]float32{}
		productCodesNEON(&query[0], len(query), &data[0], &last[0], 1, &values[0])
		copy(out[whole*Group:], values[:len(left)])
	}
}

// fill returns a group that begins with fewer IDs and repeats the last.
func fill(ids []int32) (full [Group]int32) {
	for i := range full {
		full[i] = ids[min(i, len(ids)-1)]
	}
	return full
}

// indices holds 0, 1, 2, … The instruction TBL takes the byte of an index from 32 bytes, and 0 for an index above 31.
var indices = func() (all [64]uint8) {
	for i := range all {
		all[i] = uint8(i)
	}
	return all
}()

// restOf returns 32 indices by which TBL moves the last d mod lanes of 8 numbers to the beginning, and sets the others to 0.
func restOf(d int) *uint8 { return &indices[4*(lanes-d%lanes)%32] }

// The kernels for float32 need at least lanes numbers, and those for codes a multiple of CodeMultiple.
//
//go:noescape
func squaredNEON(query *float32, d int, data *float32, ids *int32, groups int, out *float32, rest *uint8)

//go:noescape
func productNEON(query *float32, d int, data *float32, ids *int32, groups int, out *float32, rest *uint8)

//go:noescape
func squaredCodesNEON(query *int8, d int, data *int8, ids *int32, groups int, out *float32)

//go:noescape
func productCodesNEON(query *int8, d int, data *int8, ids *int32, groups int, out *float32)

// Prefetch asks the processor to read the first 32 numbers, at least one, into its cache.
func Prefetch(numbers []int32) { prefetch(&numbers[0]) }

//go:noescape
func prefetch(numbers *int32)
