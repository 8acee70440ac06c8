// Package memory configures the memory of a process: it avoids a page fault for every 4 kB of a large block, and bounds
// the garbage. Tune and CollectEarly change the whole process; commands and notebook cells call them, libraries do not.
package memory

import (
	_ "embed"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"unsafe"
)

// tunables are settings of glibc's malloc, from which XLA allocates its buffers, one per line. Huge pages are used.
// Blocks of up to 32 MB, the maximum of the setting, are allocated on the heap. Freed memory is kept for the next batch
// instead of being returned to the kernel, which would clear it again. ResNet-50 runs 8 % faster with the first setting,
// and 4 % faster with the others. The notebooks' kernel reads the same file.
//
//go:embed tunables.txt
var tunables string

const (
	prefix   = "glibc.malloc."
	variable = "GLIBC_TUNABLES"
)

// Tunables returns the value of GLIBC_TUNABLES for a process that computes batch after batch with XLA.
func Tunables() string { return strings.Join(strings.Fields(tunables), ":") }

// Tune configures glibc's malloc for a process that computes batch after batch with XLA. The settings are read when a
// process starts. Therefore Tune executes the program again, once, in the same process and with the same arguments, and
// must be called before any other work. If this fails, or GLIBC_TUNABLES already contains a setting of malloc, Tune
// returns and the process is unchanged.
func Tune() {
	program, err := os.Executable()
	set := os.Getenv(variable)
	if err != nil || strings.Contains(set, prefix) {
		return
	}
	os.Setenv(variable, strings.TrimPrefix(set+":"+Tunables(), ":"))
	syscall.Exec(program, os.Args, os.Environ())
}

// gcPercent is the garbage that CollectEarly allows, as a percentage of the memory in use.
const gcPercent = 20

// CollectEarly makes the garbage collector run when garbage amounts to a fifth of the memory in use, instead of to all
// of it. The study holds a few large tables at a time, and a second copy of them would double its memory. restore
// restores the previous setting.
func CollectEarly() (restore func()) {
	before := debug.SetGCPercent(gcPercent)
	return func() { debug.SetGCPercent(before) }
}

// ReturnFree collects the garbage and returns free memory of Go's heap to the kernel. A process that measures its memory calls it.
func ReturnFree() { debug.FreeOSMemory() }

const pageSize = 2 << 20

// Advise asks the kernel to back a large slice with huge pages, so that filling it does not cause a page fault for every
// 4 kB. Nothing may have been written to the slice before. Without huge pages in the kernel it has no effect.
func Advise[T int8 | int16 | int32 | float32](data []T) {
	var number T
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), int(unsafe.Sizeof(number))*len(data))
	if skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(bytes))) % pageSize); skip+pageSize <= len(bytes) {
		inner := bytes[skip:]
		syscall.Madvise(inner[:len(inner)/pageSize*pageSize], syscall.MADV_HUGEPAGE)
	}
}
