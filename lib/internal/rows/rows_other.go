//go:build !amd64 && !arm64

package rows

func squaredL2(query, data []float32, ids []int32, out []float32) {
	plainSquaredL2(query, data, ids, out)
}

func negatedProduct(query, data []float32, ids []int32, out []float32) {
	plainNegatedProduct(query, data, ids, out)
}

func squaredCodes(query, data []int8, ids []int32, out []float32) {
	plainSquaredCodes(query, data, ids, out)
}

func negatedCodes(query, data []int8, ids []int32, out []float32) {
	plainNegatedCodes(query, data, ids, out)
}

// Prefetch does nothing on this processor.
func Prefetch([]int32) {}
