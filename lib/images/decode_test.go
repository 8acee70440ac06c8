package images

import (
	"bytes"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"

	"anncapacity/lib/internal/testkit"
)

// Every kind of file that Pillow writes, and some that it only reads, is decoded to the same bytes.
func TestDecodeEqualsPillow(t *testing.T) { testkit.EachPeers(t, testDecodeEqualsPillow) }

func testDecodeEqualsPillow(t *testing.T, peers testkit.Peers) {
	dir := t.TempDir()
	peers.Ask(t, testkit.Question{Name: "decode", Folder: dir, Script: "decode.py", Args: []string{"make", "."}, Largest: 5_000})
	d, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if peers.Live && d.Len() < 100 || d.Len() < 60 {
		t.Fatalf("decode.py made %d images, want at least 100, committed 60", d.Len())
	}
	for i := range d.Len() {
		m, err := Load(d, i)
		if err != nil {
			t.Error(err)
			continue
		}
		wantPixels(t, d.ID(i), m.Pix, readBytesNPY(t, filepath.Join(dir, d.ID(i)+".npy")))
	}
}

// One photograph in ten of Imagenette is decoded to the same bytes.
func TestDecodePhotographsEqualsPillow(t *testing.T) {
	const unchecked = "one photograph in ten of Imagenette; TestDecodeEqualsPillow checks drawn images"
	if !testkit.HasShared(t, unchecked, "data/imagenette96") || !testkit.HasPeers(t, unchecked) {
		return
	}
	root := testkit.Shared(t, "data/imagenette96")
	d, err := OpenFolder(root)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	var pixels []byte
	for i := 0; i < d.Len(); i += 10 {
		m, err := Load(d, i)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(root, d.ID(i)))
		pixels = append(pixels, m.Pix...)
	}
	dir := t.TempDir()
	list := filepath.Join(dir, "files.txt")
	if err := os.WriteFile(list, []byte(strings.Join(files, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	testkit.Python(t, "decode.py", list, filepath.Join(dir, "pixels.npy"))
	wantPixels(t, "photographs", pixels, readBytesNPY(t, filepath.Join(dir, "pixels.npy")))
}

func wantPixels(t *testing.T, name string, got, want []uint8) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("%s: %d bytes of pixels, want %d", name, len(got), len(want))
		return
	}
	differ := 0
	for i := range want {
		if got[i] != want[i] {
			differ++
		}
	}
	if differ > 0 {
		t.Errorf("%s: %d of %d bytes differ from Pillow's", name, differ, len(want))
	}
}

func readBytesNPY(t *testing.T, path string) []uint8 {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	header, err := npyio.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	if header.Header.Descr.Type != "|u1" {
		t.Fatalf("%s holds %s, want bytes", path, header.Header.Descr.Type)
	}
	values, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestImageKeepsPixels(t *testing.T) {
	m := &RGB{Width: 2, Height: 1, Pix: []uint8{1, 2, 3, 250, 251, 252}}
	var file bytes.Buffer
	if err := png.Encode(&file, m.Image()); err != nil {
		t.Fatal(err)
	}
	back, err := decode(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if back.Width != 2 || back.Height != 1 || !slices.Equal(back.Pix, m.Pix) {
		t.Errorf("%+v came back as %+v", m, back)
	}
}
