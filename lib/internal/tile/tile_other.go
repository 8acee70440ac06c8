//go:build !amd64

package tile

func kernels() []*Kernel { return nil }
