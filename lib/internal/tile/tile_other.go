//go:build !amd64 && !arm64

package tile

// Kernels returns those that this CPU runs.
func Kernels() []*Kernel { return nil }
