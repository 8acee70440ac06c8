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

// grid returns a folder of small images, read/ with all formats and modes and refused/ with images that only Pillow
// reads, and the result of Pillow for read/.
func grid(t testing.TB, peers testkit.Peers) (dir string, want map[string]string) {
	t.Helper()
	dir = t.TempDir()
	return dir, seen(t, peers.Ask(t, testkit.Question{Name: "images_grid", Folder: dir, Script: "images_grid.py", Args: []string{"make", "."}, Largest: 7_000}))
}

// seen returns the result of Pillow by file name: empty if Pillow rejects the file, otherwise "width height SHA-256" of
// the RGB bytes.
func seen(t testing.TB, printed []byte) map[string]string {
	t.Helper()
	var answers map[string][]any
	if err := json.Unmarshal(printed, &answers); err != nil {
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

func TestGrid(t *testing.T) { testkit.EachPeers(t, testGrid) }

func testGrid(t *testing.T, peers testkit.Peers) {
	dir, want := grid(t, peers)
	t.Run("read", func(t *testing.T) { testEqualsPillow(t, peers, filepath.Join(dir, "read"), want) })
	t.Run("refused", func(t *testing.T) { testRefused(t, filepath.Join(dir, "refused")) })
	t.Run("damaged", func(t *testing.T) { testDamaged(t, peers, filepath.Join(dir, "read")) })
}

// Every format and mode of the grid is decoded to the same bytes as by Pillow.
func testEqualsPillow(t *testing.T, peers testkit.Peers, dir string, want map[string]string) {
	d, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if peers.Live && (d.Len() != len(want) || d.Len() < 150) || d.Len() < 120 || len(Notes(d)) > 0 {
		t.Fatalf("%d images of %d files listed, want all and at least 150, committed 120; notes %q", d.Len(), len(want), Notes(d))
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

// The error for a file that is not supported contains the words in its name.
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
	"L_tiff_adobe_deflate.tif", "RGB_packbits.tif", "1_group4.tif", "tiles_L_deflate.tif", "37x23_q60.webp",
	"37x23_alpha.webp", "37x23_lossless.webp", "animated_RGBA_False.webp", "interlaced_rgb8.png",
}

// Files are truncated at many places: if Pillow rejects one, so must decode. In other files one byte is changed: if both
// decode one, the pixels are equal (seed 1).
func testDamaged(t *testing.T, peers testkit.Peers, sources string) {
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
	for name, want := range seen(t, peers.Ask(t, testkit.Question{Name: "images_damaged", Folder: dir, Script: "images_grid.py", Args: []string{"check", "."}, Same: true})) {
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
	const unchecked = "WebP files of photographs; TestGrid checks WebP files of drawn images"
	if !testkit.HasShared(t, unchecked, "data/imagenette96/val") || !testkit.HasPeers(t, unchecked) {
		return
	}
	root, dir := testkit.Shared(t, "data/imagenette96/val"), t.TempDir()
	testkit.Python(t, "images_grid.py", "webp", dir, root)
	for name, want := range seen(t, testkit.Python(t, "images_grid.py", "check", dir)) {
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
	dir, _ := grid(f, testkit.Peers{})
	for _, name := range damageSources {
		content, err := os.ReadFile(filepath.Join(dir, "read", name))
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
