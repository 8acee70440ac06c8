package images

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// The files of Imagenette have the order of a list made by find and sort.
func TestFolderOrder(t *testing.T) {
	if !testkit.HasShared(t, "the order of Imagenette's 13,394 files; TestFolderSortsPathsAndIgnoresOthers checks other names", "data/imagenette96", "embeddings/imagenette96_files.txt") {
		return
	}
	d, err := OpenFolder(testkit.Shared(t, "data/imagenette96"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(testkit.Shared(t, "embeddings/imagenette96_files.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(string(list))
	if d.Len() != len(want) || d.Name() != "imagenette96" {
		t.Fatalf("%d images of %q, want %d of imagenette96", d.Len(), d.Name(), len(want))
	}
	for i, name := range want {
		if got := path.Join(d.Name(), d.ID(i)); got != name {
			t.Fatalf("image %d is %s, want %s", i, got, name)
		}
		if got := d.Class(i); got != path.Base(path.Dir(name)) {
			t.Fatalf("image %d of %s has class %q", i, name, got)
		}
	}
}

// Whole paths are sorted by their bytes, not the names within each directory: "a-b/x" comes before "a/x".
func TestFolderSortsPathsAndIgnoresOthers(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"a/2.png", "a/10.PNG", "a-b/1.jpeg", "top.jpg", "train/b/3.JPG", "a/notes.txt", ".hidden/1.png", "a/._1.jpg", "empty/x",
	} {
		write(t, filepath.Join(dir, name), "x")
	}
	d, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range d.Len() {
		got = append(got, d.ID(i)+"="+d.Class(i))
	}
	want := "a-b/1.jpeg=a-b a/10.PNG=a a/2.png=a top.jpg= train/b/3.JPG=b"
	if strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestFolderNameIsOfTheAbsolutePath(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "photos", "cat", "1.png"), "x")
	t.Chdir(filepath.Join(dir, "photos"))
	d, err := Open(context.Background(), ".")
	if err != nil {
		t.Fatal(err)
	}
	if d.Name() != "photos" {
		t.Errorf("name %q, want photos", d.Name())
	}
}

func TestFolderRefuses(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file.jpg"), "x")
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"empty": "no image", "missing": "no such folder", "file.jpg": "want a folder"} {
		_, err := OpenFolder(filepath.Join(dir, name))
		wantError(t, err, name, want)
	}
}

// The error for a file that is not an image names the file.
func TestLoadNamesBrokenFile(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	whole := file.String()
	flipped := []byte(whole)
	flipped[len(flipped)/2] ^= 0x55
	for name, c := range map[string]struct{ content, want string }{
		"empty.png":     {"", "empty file"},
		"text.jpg":      {"hello", "no image: want a JPEG, PNG, WebP, BMP, GIF or TIFF file"},
		"truncated.png": {whole[:len(whole)-20], "EOF"},
		"flipped.png":   {string(flipped), "png: "},
		"truncated.jpg": {"\xff\xd8\xff\xe0\x00\x10JFIF", "truncated"},
		"phone.jpg":     {"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "a HEIC image, which is not read"},
		"download.gif":  {"<!DOCTYPE html><html>", "an HTML page, which is not read"},
		"pointer.webp":  {"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"},
		"large.tif":     {"II+\x00\x08\x00\x00\x00", "a BigTIFF image"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "cat", name), c.content)
		d, err := OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(d, 0)
		wantError(t, err, "cat/"+name, c.want)
	}
}

func TestSubset(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/0.png", "b/1.png", "c/2.png"} {
		write(t, filepath.Join(dir, name), "content of "+name)
	}
	d, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := Subset(d, []int32{2, 0})
	content, err := s.Content(0)
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 2 || s.ID(0) != "c/2.png" || s.Class(1) != "a" || string(content) != "content of c/2.png" || s.Name() != d.Name() {
		t.Errorf("subset {2, 0}: length %d, %s, class %s, %q", s.Len(), s.ID(0), s.Class(1), content)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v, want one with %q", err, part)
		}
	}
}
