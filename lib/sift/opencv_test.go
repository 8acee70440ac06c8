package sift

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"anncapacity/lib/images"
	"anncapacity/lib/internal/checkout"
)

// opencv returns the interpreter that has OpenCV. Without it, the test is skipped.
func opencv(t *testing.T) string {
	t.Helper()
	path, err := checkout.Installed(python)
	if err != nil {
		t.Skip("not checked: OpenCV is not installed: run `make sift`")
	}
	return path
}

// photographs writes generated images as PNG and JPEG files, and one without contrast, and returns the files in the order of
// images.OpenFolder.
func photographs(t *testing.T) (dir string, files []string) {
	t.Helper()
	dir = t.TempDir()
	d := images.Generated(4, 7)
	for i := range d.Len() {
		m, err := images.Load(d, i)
		if err != nil {
			t.Fatal(err)
		}
		var lossless, lossy bytes.Buffer
		if err := png.Encode(&lossless, m.Image()); err != nil {
			t.Fatal(err)
		}
		if err := jpeg.Encode(&lossy, m.Image(), &jpeg.Options{Quality: 90}); err != nil {
			t.Fatal(err)
		}
		files = append(files, write(t, dir, fmt.Sprintf("%d.jpg", i), lossy.Bytes()))
		files = append(files, write(t, dir, fmt.Sprintf("%d.png", i), lossless.Bytes()))
	}
	var plain bytes.Buffer
	if err := png.Encode(&plain, (&images.RGB{Width: 3, Height: 2, Pix: make([]uint8, 18)}).Image()); err != nil {
		t.Fatal(err)
	}
	return dir, append(files, write(t, dir, "plain.png", plain.Bytes()))
}

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// The descriptors of each photograph are those that OpenCV finds when it reads the file itself.
func TestDescriptorsAsOpenCV(t *testing.T) {
	interpreter := opencv(t)
	dir, files := photographs(t)
	d, err := images.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, enlarge := range []float64{1, 1.5, 1.37} {
		script := exec.Command(interpreter, append([]string{"testdata/opencv.py", fmt.Sprint(enlarge)}, files...)...)
		script.Stderr = os.Stderr
		want, err := script.Output()
		if err != nil {
			t.Fatal(err)
		}
		peer := &extractor{answers: newReader(bytes.NewReader(want))}
		o := Options{Dataset: d, Base: 1, Learn: 1, Queries: 1, Settings: Settings{Enlarge: enlarge}, Threads: 2}
		for i, got := range descriptors(t, o) {
			want, err := peer.next()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) || (len(want) == 0) != (d.ID(i) == "plain.png") {
				t.Errorf("enlarged by %v, %s: %d descriptors, OpenCV finds %d; or they differ",
					enlarge, d.ID(i), len(got)/Dimensions, len(want)/Dimensions)
			}
		}
	}
}

// descriptors returns the descriptors of every photograph of a dataset.
func descriptors(t *testing.T, o Options) (all [][]uint8) {
	t.Helper()
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	jobs := make([]job, o.Dataset.Len())
	for i := range jobs {
		jobs[i].image = i
	}
	x, err := start(t.Context(), o, jobs)
	if err != nil {
		t.Fatal(err)
	}
	for range jobs {
		found, err := x.next()
		if err != nil {
			t.Fatal(x.stop(err))
		}
		all = append(all, found)
	}
	if err := x.stop(nil); err != nil {
		t.Fatal(err)
	}
	return all
}
