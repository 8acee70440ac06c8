package sealed

import (
	"slices"
	"testing"
)

const kind = "test 1"

type header struct{ N int }

func TestSealAndOpen(t *testing.T) {
	content, err := Seal(kind, header{2}, []float32{1.5, -2}, []int64{1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	var h header
	r, err := Open(content, kind, &h)
	if err != nil || h.N != 2 {
		t.Fatal(h, err)
	}
	floats, err := Numbers[float32](r, h.N)
	if err != nil || !slices.Equal(floats, []float32{1.5, -2}) {
		t.Error(floats, err)
	}
	long, err := Numbers[int64](r, 1)
	if err != nil || !slices.Equal(long, []int64{1 << 40}) {
		t.Error(long, err)
	}
	if _, err := Numbers[int64](r, 1); err == nil || r.Len() != 0 {
		t.Error("more numbers than there are: no error")
	}
}

// Every shorter content and every changed byte is an error.
func TestDamageIsAnError(t *testing.T) {
	content, err := Seal(kind, header{2}, []uint16{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	for i := range content {
		var h header
		if _, err := Open(content[:i], kind, &h); err == nil {
			t.Errorf("truncated to %d bytes: no error", i)
		}
		damaged := slices.Clone(content)
		damaged[i] ^= 4
		if _, err := Open(damaged, kind, &h); err == nil {
			t.Errorf("byte %d changed: no error", i)
		}
	}
	if _, err := Open(content, "test 2", &header{}); err == nil {
		t.Error("another kind: no error")
	}
	if _, err := Seal(kind, header{}, []int{1}); err == nil {
		t.Error("numbers without a fixed size: no error")
	}
}
