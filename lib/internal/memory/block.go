package memory

import (
	"syscall"
	"unsafe"
)

// Block is a slice outside of Go's heap. Free returns its memory to the kernel at once, whereas the collector keeps garbage for
// later allocations. It is meant for large scratch space that one function allocates and frees.
type Block[T int8 | int16 | int32 | float32] struct {
	Data   []T
	mapped []byte // nil if Data is on the heap
}

// Allocate returns a Block of n zeros, on huge pages if the kernel has them. If the kernel does not map the memory, the Block is on
// the heap.
func Allocate[T int8 | int16 | int32 | float32](n int) Block[T] {
	var number T
	if n <= 0 {
		return Block[T]{}
	}
	mapped, err := syscall.Mmap(-1, 0, n*int(unsafe.Sizeof(number)), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return Block[T]{Data: make([]T, n)}
	}
	b := Block[T]{unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(mapped))), n), mapped}
	Advise(b.Data)
	return b
}

// Free frees the memory. Data is nil afterwards, and no slice of it may be used any more. Free may be called more than once.
func (b *Block[T]) Free() {
	if b.mapped != nil {
		syscall.Munmap(b.mapped)
	}
	*b = Block[T]{}
}
