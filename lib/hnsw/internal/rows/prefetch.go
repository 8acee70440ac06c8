package rows

import "unsafe"

// PrefetchRows asks the processor to read the rows ids of data into its cache, which holds rows of width numbers. It asks for the
// first 512 bytes of a row and for no more than 8 rows, because the processor has room for few requests. It must be called with IDs of
// rows; it does not check them, and a wrong one has no effect.
func PrefetchRows[T int8 | float32](data []T, width int, ids []int32) {
	if len(ids) == 0 || len(data) == 0 {
		return
	}
	row := width * int(unsafe.Sizeof(data[0]))
	prefetchRows(unsafe.Pointer(unsafe.SliceData(data)), row, unsafe.SliceData(ids), min(len(ids), prefetchedRows), min(row, prefetchedBytes))
}

const (
	prefetchedRows  = 8
	prefetchedBytes = 512
)
