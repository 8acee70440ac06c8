package tile

import "golang.org/x/sys/cpu"

// Kernels returns those that this CPU runs, the fastest first.
func Kernels() (all []*Kernel) {
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VNNI {
		all = append(all, &Kernel{12, 32, true, words512})
	}
	if cpu.X86.HasAVX512F {
		all = append(all, &Kernel{12, 32, false, avx512})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		all = append(all, &Kernel{6, 16, false, avx2})
	}
	return all
}

//go:noescape
func words512(*arguments)

//go:noescape
func avx512(*arguments)

//go:noescape
func avx2(*arguments)
