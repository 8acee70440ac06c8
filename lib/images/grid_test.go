package images

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// grid is a folder of small images: read/ of all formats and modes, refused/ of what is read by Pillow alone.
func grid(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	testkit.Python(t, "images_grid.py", "make", dir)
	return dir
}

// seen is what Pillow makes of the files of a folder, by name: empty where it refuses a file, else "width height SHA-256"
// of the RGB bytes.
func seen(t *testing.T, dir string) map[string]string {
	t.Helper()
	var answers map[string][]any
	if err := json.Unmarshal(testkit.Python(t, "images_grid.py", "check", dir), &answers); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for name, answer := range answers {
		all[name] = strings.Trim(fmt.Sprint(answer), "[]")
	}
	return all
}

func (m *RGB) summary() string {
	sum := sha256.Sum256(m.Pix)
	return fmt.Sprint(m.Width, " ", m.Height, " ", hex.EncodeToString(sum[:]))
}

func TestGrid(t *testing.T) {
	dir := grid(t)
	t.Run("read", func(t *testing.T) { testEqualsPillow(t, filepath.Join(dir, "read")) })
	t.Run("refused", func(t *testing.T) { testRefused(t, filepath.Join(dir, "refused")) })
	t.Run("damaged", func(t *testing.T) { testDamaged(t, filepath.Join(dir, "read")) })
}

// Every format and mode of the grid: the same bytes as Pillow's.
func testEqualsPillow(t *testing.T, dir string) {
	d, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := seen(t, dir)
	if d.Len() != len(want) || d.Len() < 150 || len(Notes(d)) > 0 {
		t.Fatalf("%d images of %d files listed, want all and at least 150; notes %q", d.Len(), len(want), Notes(d))
	}
	for i := range d.Len() {
		m, err := Load(d, i)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := m.summary(); got != want[d.ID(i)] {
			t.Errorf("%s: %s, Pillow's is %s", d.ID(i), got, want[d.ID(i)])
		}
	}
}

// What is not read is refused by the name that the file bears, never read otherwise.
func testRefused(t *testing.T, dir string) {
	d, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d.Len() < 15 {
		t.Fatalf("%d files to be refused, want at least 15", d.Len())
	}
	for i := range d.Len() {
		content, err := d.Content(i)
		if err != nil {
			t.Fatal(err)
		}
		_, err = decode(content)
		words, _, _ := strings.Cut(strings.TrimSuffix(d.ID(i), filepath.Ext(d.ID(i))), "#")
		wantError(t, err, words)
	}
}

// damageSources are files of the grid, one or more for each decoder.
var damageSources = []string{
	"P.gif", "transparent5.gif", "animated.gif", "P.bmp", "RGB.bmp", "32bit_v4.bmp", "RGB_None.tif", "RGB_tiff_lzw.tif",
	"L_tiff_adobe_deflate.tif", "RGB_packbits.tif", "1_group4.tif", "tiles_RGB_deflate.tif", "37x23_q60.webp",
	"37x23_alpha.webp", "37x23_lossless.webp", "animated_RGBA_False.webp", "interlaced_rgb8.png",
}

// Files cut at many places: where Pillow refuses one, so does decode. Files of which one byte is changed, too: where both read one, they
// read the same (seed 1).
func testDamaged(t *testing.T, sources string) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 0))
	for _, name := range damageSources {
		content, err := os.ReadFile(filepath.Join(sources, name))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			n := len(content) * i / 20
			write(t, filepath.Join(dir, fmt.Sprintf("cut_%d_%s", n, name)), string(content[:n]))
			changed := bytes.Clone(content)
			changed[rng.IntN(min(len(content), 1<<(4+i%8)))] ^= byte(1 + rng.IntN(255))
			write(t, filepath.Join(dir, fmt.Sprintf("changed_%d_%s", i, name)), string(changed))
		}
		write(t, filepath.Join(dir, "cut_last_"+name), string(content[:len(content)-1]))
	}
	both := 0
	for name, want := range seen(t, dir) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		m, err := decode(content)
		switch {
		case err != nil:
		case want == "" && strings.HasPrefix(name, "changed"): // the change does not affect RGB, for example in alpha
		case m.summary() != want:
			t.Errorf("%s: read as %s, Pillow's is %q", name, m.summary(), want)
		default:
			both++
		}
	}
	if both < 100 {
		t.Errorf("%d damaged files are read by both, want at least 100", both)
	}
}

// Photographs of 96 × 96 pixels as lossy WebP files of three qualities are decoded to the same bytes.
func TestWebPPhotographsEqualPillow(t *testing.T) {
	root, dir := testkit.Shared(t, "data/imagenette96/val"), t.TempDir()
	testkit.Python(t, "images_grid.py", "webp", dir, root)
	for name, want := range seen(t, dir) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		m, err := decode(content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := m.summary(); got != want {
			t.Errorf("%s: %s, Pillow's is %s", name, got, want)
		}
	}
}

// Headers of 65,535 × 65,535 pixels, or the maximum of the format, are rejected before memory is allocated.
func TestBoundsPixels(t *testing.T) {
	size := string(binary.LittleEndian.AppendUint32(nil, 0xffff))
	header := "IHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x02\x00\x00\x00"
	header += string(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(header))))
	field := func(tag, value string) string { return tag + "\x04\x00\x01\x00\x00\x00" + value }
	for what, content := range map[string]string{
		"PNG":  "\x89PNG\r\n\x1a\n\x00\x00\x00\r" + header,
		"GIF":  "GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00",
		"BMP":  "BM" + strings.Repeat("\x00", 12) + "\x28\x00\x00\x00" + size + size + "\x01\x00\x18\x00" + strings.Repeat("\x00", 24),
		"TIFF": "II*\x00\x08\x00\x00\x00\x02\x00" + field("\x00\x01", size) + field("\x01\x01", size),
		"WebP": "RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\xff\xff\x00",
		"JPEG": "\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00\xff\xd9",
	} {
		_, err := decode([]byte(content))
		wantError(t, err, what+" image of 6553", "89478485 in all")
	}
}

// FuzzDecode checks that any bytes give an image with the number of pixels of its size, or an error, never a panic.
func FuzzDecode(f *testing.F) {
	dir := filepath.Join(grid(f), "read")
	for _, name := range damageSources {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		m, err := decode(content)
		if err != nil {
			return
		}
		if m.Width < 1 || m.Height < 1 || len(m.Pix) != 3*m.Width*m.Height || m.Width*m.Height > maxPixels {
			t.Fatalf("%d bytes for %d × %d pixels", len(m.Pix), m.Width, m.Height)
		}
	})
}
