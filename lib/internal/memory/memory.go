// Package memory gives a process large blocks of memory without a fault for every 4 kB of them, and bounds its garbage. Tune and
// CollectEarly change the whole process: commands and cells call them, libraries do not.
package memory

import (
	_ "embed"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"unsafe"
)

// tunables of glibc's malloc, from which XLA has its buffers, one per line: huge pages; blocks of up to 32 MB, the most that may be
// asked for, come from the heap; and what is freed stays there for the next batch instead of going back to the kernel, which would
// clear it again. ResNet-50 runs 8 % faster with the first, and 4 % with the others. The notebooks' kernel has them from the same file.
//
//go:embed tunables.txt
var tunables string

const (
	prefix   = "glibc.malloc."
	variable = "GLIBC_TUNABLES"
)

// Tunables returns the value of GLIBC_TUNABLES for a process that computes batch after batch with XLA.
func Tunables() string { return strings.Join(strings.Fields(tunables), ":") }

// Tune sets glibc's malloc for a process that computes batch after batch with XLA. The settings are read when a process starts, so
// Tune starts the program anew, once, in the same process and with the same arguments: call it before any work. Where this
// cannot be done, or GLIBC_TUNABLES already says something of malloc, it returns and the process is as it was.
func Tune() {
	program, err := os.Executable()
	set := os.Getenv(variable)
	if err != nil || strings.Contains(set, prefix) {
		return
	}
	os.Setenv(variable, strings.TrimPrefix(set+":"+Tunables(), ":"))
	syscall.Exec(program, os.Args, os.Environ())
}

// gcPercent is the garbage that CollectEarly allows, as a percentage of what is in use.
const gcPercent = 20

// CollectEarly makes the garbage collector run when the garbage amounts to a fifth of what is in use instead of to as much again: the
// study holds a few large tables at a time, and a second copy of them would double its memory. The function that it returns
// restores the setting.
func CollectEarly() (restore func()) {
	before := debug.SetGCPercent(gcPercent)
	return func() { debug.SetGCPercent(before) }
}

const pageSize = 2 << 20

// Advise asks the kernel for huge pages behind a large slice that nothing has been written to: it is then filled without a
// fault for every 4 kB. Where the kernel has none, nothing changes.
func Advise(data []float32) {
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(data))), 4*len(data))
	if skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(bytes))) % pageSize); skip+pageSize <= len(bytes) {
		inner := bytes[skip:]
		syscall.Madvise(inner[:len(inner)/pageSize*pageSize], syscall.MADV_HUGEPAGE)
	}
}
