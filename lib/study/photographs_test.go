package study

import (
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A dataset with too few images for the study is an error.
func TestTooFewPhotographs(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "photos")
	if err := os.MkdirAll(filepath.Join(folder, "class"), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(folder, "class", "one.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Job{Dataset: folder, Profile: Profiles[0]}.Photographs(context.Background())
	if err == nil || !strings.Contains(err.Error(), "1 images") || !strings.Contains(err.Error(), folder) || !strings.Contains(err.Error(), "more than 500") {
		t.Errorf("one photograph gave %v", err)
	}
}
