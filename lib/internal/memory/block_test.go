package memory

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// resident returns the anonymous memory of the process in bytes.
func resident(t *testing.T) (bytes int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	_, rest, found := strings.Cut(string(status), "RssAnon:")
	if _, err := fmt.Sscan(rest, &bytes); err != nil || !found {
		t.Skip("the kernel does not tell the anonymous memory")
	}
	return 1024 * bytes
}

func TestBlockIsZero(t *testing.T) {
	for _, n := range []int{0, 1, 3, pageSize / 4, 3*pageSize/4 + 1} {
		b := Allocate[int16](n)
		if len(b.Data) != n {
			t.Fatalf("%d numbers, want %d", len(b.Data), n)
		}
		for i, x := range b.Data {
			if x != 0 {
				t.Fatalf("of %d, number %d is %d", n, i, x)
			}
			b.Data[i] = int16(i)
		}
		b.Free()
		b.Free()
		if b.Data != nil {
			t.Fatalf("%d numbers after Free", len(b.Data))
		}
	}
}

func TestFreeReturnsMemory(t *testing.T) {
	const size = 256 << 20
	before := resident(t)
	b := Allocate[int8](size)
	for i := 0; i < size; i += 4096 {
		b.Data[i] = 1
	}
	if grown := resident(t) - before; grown < size*9/10 {
		t.Fatalf("a block of %d bytes takes %d", size, grown)
	}
	b.Free()
	if left := resident(t) - before; left > size/10 {
		t.Errorf("%d bytes are left after Free", left)
	}
}
