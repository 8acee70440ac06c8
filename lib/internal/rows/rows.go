// Package rows computes the values of one vector relative to several rows of a set of vectors: squared L2 distances or
// negated inner products, of float32 or of codes of 8 bits. The sums of float32 are added in a fixed order, and those of
// codes are exact. Every value is therefore the same on every processor.
package rows

// SquaredL2 sets out[i] to the squared L2 distance between query and row ids[i] of data, which holds rows of len(query)
// numbers. out must have the length of ids.
func SquaredL2(query, data []float32, ids []int32, out []float32) {
	check(len(query), len(data), ids, out)
	squaredL2(query, data, ids, out)
}

// NegatedProduct is like SquaredL2 for the negated inner product.
func NegatedProduct(query, data []float32, ids []int32, out []float32) {
	check(len(query), len(data), ids, out)
	negatedProduct(query, data, ids, out)
}

// SquaredCodes is like SquaredL2 for codes. len(query) must be a multiple of CodeMultiple and at most MaxCodes.
func SquaredCodes(query, data []int8, ids []int32, out []float32) {
	check(len(query), len(data), ids, out)
	squaredCodes(query, data, ids, out)
}

// NegatedCodes is like SquaredCodes for the negated inner product.
func NegatedCodes(query, data []int8, ids []int32, out []float32) {
	check(len(query), len(data), ids, out)
	negatedCodes(query, data, ids, out)
}

// CodeMultiple is the number that the length of a row of codes must be a multiple of, and MaxCodes is its maximum: the sum
// of as many squares of differences of codes is less than 2³¹.
const (
	CodeMultiple = 16
	MaxCodes     = 1 << 15
)

// check panics if an ID is not that of a row. Kernels in assembly do not check.
func check(d, numbers int, ids []int32, out []float32) {
	_ = out[:len(ids)]
	highest := uint32(0)
	for _, id := range ids {
		highest = max(highest, uint32(id))
	}
	if len(ids) > 0 && (d == 0 || (int(highest)+1)*d > numbers) {
		panic("rows: an ID is not that of a row")
	}
}

// Group is the number of rows that kernels compute together. A multiple of Group is computed fastest.
const Group = 4

// lanes is the number of sums that the terms of a value are distributed to, by their index modulo lanes.
const lanes = 8

// total adds the sums in the order of the horizontal additions of AVX.
func total(s *[lanes]float32) float32 {
	return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
}

func plainSquaredL2(query, data []float32, ids []int32, out []float32) {
	for i, id := range ids {
		row := data[int(id)*len(query):][:len(query)]
		var sums [lanes]float32
		for j, x := range query {
			x -= row[j]
			sums[j%lanes] += float32(x * x) // the conversion prevents a fused operation, which rounds differently
		}
		out[i] = total(&sums)
	}
}

func plainNegatedProduct(query, data []float32, ids []int32, out []float32) {
	for i, id := range ids {
		row := data[int(id)*len(query):][:len(query)]
		var sums [lanes]float32
		for j, x := range query {
			sums[j%lanes] += float32(x * row[j])
		}
		out[i] = -total(&sums)
	}
}

func plainSquaredCodes(query, data []int8, ids []int32, out []float32) {
	for i, id := range ids {
		row := data[int(id)*len(query):][:len(query)]
		var sum int32
		for j, x := range query {
			difference := int32(x) - int32(row[j])
			sum += difference * difference
		}
		out[i] = float32(sum)
	}
}

func plainNegatedCodes(query, data []int8, ids []int32, out []float32) {
	for i, id := range ids {
		row := data[int(id)*len(query):][:len(query)]
		var sum int32
		for j, x := range query {
			sum += int32(x) * int32(row[j])
		}
		out[i] = float32(-sum)
	}
}
