package images

import (
	"context"
	"slices"
	"testing"
)

func TestGenerated(t *testing.T) {
	d, err := Open(context.Background(), "generated:25")
	if err != nil {
		t.Fatal(err)
	}
	classes := map[string]int{}
	ids := map[string]bool{}
	for i := range d.Len() {
		classes[d.Class(i)]++
		ids[d.ID(i)] = true
		m, err := Load(d, i)
		if err != nil {
			t.Fatal(err)
		}
		content, err := Generated(1000, GeneratedSeed).Content(i)
		if err != nil {
			t.Fatal(err)
		}
		if m.Width != 96 || m.Height != 96 || !slices.Equal(m.Pix, content) {
			t.Errorf("image %d is %d × %d, or depends on the number of images", i, m.Width, m.Height)
		}
	}
	if d.Name() != "generated" || d.Len() != 25 || len(classes) != 10 || len(ids) != 25 {
		t.Errorf("%s: %d images, classes %v, %d IDs", d.Name(), d.Len(), classes, len(ids))
	}
	whole, err := Open(context.Background(), "generated")
	if err != nil || whole.Len() != GeneratedCount {
		t.Errorf("%v, %v, want %d images", whole, err, GeneratedCount)
	}
}

func TestGeneratedRefuses(t *testing.T) {
	for _, spec := range []string{"generated:0", "generated:many", "generated:"} {
		_, err := Open(context.Background(), spec)
		wantError(t, err, spec, "want generated:N")
	}
	_, err := Generated(5, 1).Content(5)
	wantError(t, err, "no image 5, want 0…4")
	_, err = Generated(5, 1).Decode([]byte{1})
	wantError(t, err, "1 bytes, want 27648")
}
