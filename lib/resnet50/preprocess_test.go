package resnet50

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npy"

	"anncapacity/lib/images"
	"anncapacity/lib/internal/testkit"
)

// noise returns an image of random bytes, about a quarter of which are 0 or 255.
func noise(width, height int) *images.RGB {
	rng := rand.New(rand.NewPCG(uint64(width), uint64(height)))
	m := &images.RGB{Width: width, Height: height, Pix: make([]uint8, 3*width*height)}
	for i := range m.Pix {
		if v := rng.Uint32(); v&0x300 != 0 {
			m.Pix[i] = uint8(v)
		} else {
			m.Pix[i] = uint8(v&0x400>>10) * 255
		}
	}
	return m
}

// checkPillow compares crops with those of Pillow, by the hash of their bytes.
func checkPillow(t *testing.T, peers testkit.Peers, p Preprocess, all map[string]*images.RGB) {
	t.Helper()
	dir, names := t.TempDir(), slices.Sorted(maps.Keys(all))
	var files []string
	for _, name := range names {
		m := all[name]
		files = append(files, strconv.Itoa(len(files))+".npy")
		header := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d, 3)}\n", m.Height, m.Width)
		preamble := []byte{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, byte(len(header)), byte(len(header) >> 8)}
		if err := os.WriteFile(filepath.Join(dir, files[len(files)-1]), append(append(preamble, header...), m.Pix...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "list"), []byte(strings.Join(files, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	size := strconv.Itoa(p.resize())
	want := strings.Fields(string(peers.Ask(t, testkit.Question{Name: "resize_" + size, Folder: dir, Script: "resize.py", Args: []string{"list", size}})))
	if len(want) != len(names) {
		t.Fatalf("Pillow made %d crops of %d images", len(want), len(names))
	}
	for i, name := range names {
		if got := fmt.Sprintf("%x", sha256.Sum256(p.Crop(all[name]))); got != want[i] {
			t.Errorf("%s: the crop differs from Pillow's", name)
		}
	}
}

func compareCrops(t *testing.T, name string, got, want []uint8) {
	t.Helper()
	differ := 0
	for i := range want {
		if got[i] != want[i] {
			differ++
		}
	}
	if len(got) != len(want) || differ > 0 {
		t.Errorf("%s: %d of %d bytes differ (%d computed)", name, differ, len(want), len(got))
	}
}

// TestCropSyntheticAgainstPillow covers enlargement, reduction, both and neither, odd sizes and aspect ratios, a single
// pixel, and lines of pixels.
func TestCropSyntheticAgainstPillow(t *testing.T) { testkit.EachPeers(t, testCropSynthetic) }

func testCropSynthetic(t *testing.T, peers testkit.Peers) {
	sizes := [][2]int{
		{96, 96}, {97, 96}, {96, 97}, {500, 333}, {333, 500}, {1, 1}, {2, 3}, {3, 1}, {1, 9}, {3000, 224}, {224, 3000},
		{256, 256}, {256, 300}, {301, 256}, {255, 257}, {224, 224}, {1023, 767}, {17, 401}, {2048, 2049}, {640, 480},
	}
	for _, resize := range []int{0, 232, 224, 513} {
		all := map[string]*images.RGB{}
		for _, s := range sizes {
			all[fmt.Sprintf("%d×%d to %d", s[0], s[1], resize)] = noise(s[0], s[1])
		}
		checkPillow(t, peers, Preprocess{Resize: resize}, all)
	}
}

func TestCropPhotographsAgainstPillow(t *testing.T) {
	const unchecked = "crops of photographs; TestCropSyntheticAgainstPillow checks drawn images"
	if !testkit.HasShared(t, unchecked, "data/stl10", "data/imagenette96/val") || !testkit.HasPeers(t, unchecked) {
		return
	}
	for _, folder := range []string{"data/stl10", "data/imagenette96/val"} {
		d, err := images.OpenFolder(testkit.Shared(t, folder))
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]*images.RGB{}
		for i := 0; i < d.Len(); i += max(d.Len()/100, 1) {
			if all[d.ID(i)], err = images.Load(d, i); err != nil {
				t.Fatal(err)
			}
		}
		if len(all) < 100 {
			t.Fatalf("%s: %d photographs", folder, len(all))
		}
		checkPillow(t, testkit.Peers{Live: true}, Preprocess{}, all)
	}
}

// TestCropGolden compares with the crops of the golden embeddings, which Pillow decoded, resized and cropped.
func TestCropGolden(t *testing.T) {
	if !testkit.HasShared(t, "the crops behind the golden embeddings", "golden/embeddings", "data/imagenette96") {
		return
	}
	file, err := os.Open(testkit.Shared(t, "golden/embeddings/crops_uint8.npy"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var want []uint8
	if err := npy.Read(file, &want); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(testkit.Shared(t, "golden/embeddings/images.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(list), "\n")[1:5] {
		compareCrops(t, line, Preprocess{}.Crop(photograph(t, strings.Split(line, ",")[1])), want[i*cropBytes:][:cropBytes])
	}
}

// photograph returns an image of the shared data by its path there.
func photograph(t *testing.T, path string) *images.RGB {
	t.Helper()
	d, err := images.OpenFolder(filepath.Dir(testkit.Shared(t, "data/"+path)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Len() {
		if d.ID(i) == filepath.Base(path) {
			m, err := images.Load(d, i)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
	}
	t.Fatalf("no image %s", path)
	return nil
}

// The golden input of the stem was computed by other code: resize, crop, (v/255 − Mean) / Std in float32.
func TestMeanStdGolden(t *testing.T) {
	if !testkit.HasShared(t, "normalised values made by other code", "golden/stem_layer1", "data/stl10") {
		return
	}
	file, err := os.Open(testkit.Shared(t, "golden/stem_layer1/input_nchw.npy"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var want []float32
	if err := npy.Read(file, &want); err != nil {
		t.Fatal(err)
	}
	worst := float32(0)
	for i, v := range (Preprocess{}).Crop(photograph(t, "stl10/train/cat/00004.png")) {
		ch := i % 3
		difference := (float32(v)/255-Mean[ch])/Std[ch] - want[ch*inputSize*inputSize+i/3]
		worst = max(worst, difference, -difference)
	}
	if !(worst <= 1e-6) {
		t.Errorf("normalised values differ by up to %g", worst)
	}
}

func TestPreprocessCheck(t *testing.T) {
	for resize, fine := range map[int]bool{0: true, 224: true, 232: true, 223: false, -1: false} {
		if err := (Preprocess{Resize: resize}).Check(); (err == nil) != fine {
			t.Errorf("resize %d: error %v", resize, err)
		} else if err != nil && !strings.Contains(err.Error(), fmt.Sprintf("resize %d", resize)) {
			t.Errorf("resize %d: error %v does not name it", resize, err)
		}
	}
}

func BenchmarkCrop96(b *testing.B)  { benchmarkCrop(b, 96, 96) }
func BenchmarkCrop500(b *testing.B) { benchmarkCrop(b, 500, 375) }

func benchmarkCrop(b *testing.B, width, height int) {
	m := noise(width, height)
	for b.Loop() {
		if len(Preprocess{}.Crop(m)) != cropBytes {
			b.Fatal("the crop has the wrong size")
		}
	}
}
