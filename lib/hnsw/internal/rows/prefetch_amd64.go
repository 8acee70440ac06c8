package rows

import "unsafe"

// prefetchRows prefetches the first bytes of n rows, at least one of each.
//
//go:noescape
func prefetchRows(data unsafe.Pointer, row int, ids *int32, n, bytes int)
