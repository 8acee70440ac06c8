package resnet50

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/images"
)

const (
	testBatch  = 4
	testImages = 18 // four batches and a half
)

// calibratedOnce returns the weights of the tests of Embed: untrained weights, calibrated on generated images.
var calibratedOnce = sync.OnceValues(func() (*Weights, error) {
	crops, err := generatedCrops()
	if err != nil {
		return nil, err
	}
	return Untrained(1).Calibrate(crops)
})

// generatedCrops returns a batch of crops of generated images.
func generatedCrops() ([]uint8, error) {
	d := images.Generated(testBatch, 2)
	var crops []uint8
	for i := range d.Len() {
		rgb, err := images.Load(d, i)
		if err != nil {
			return nil, err
		}
		crops = append(crops, Preprocess{}.Crop(rgb)...)
	}
	return crops, nil
}

// options returns the options of a small job whose cache is in dir.
func options(dir string) (EmbedOptions, error) {
	w, err := calibratedOnce()
	return EmbedOptions{Dataset: images.Generated(testImages, 1), Weights: w, Batch: testBatch, CacheDir: dir}, err
}

func mustOptions(t *testing.T) EmbedOptions {
	t.Helper()
	o, err := options(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func mustEmbed(t *testing.T, o EmbedOptions) ann.Vectors {
	t.Helper()
	v, err := Embed(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if v.N != o.Dataset.Len() || v.D != Features {
		t.Fatalf("%d × %d embeddings of %d images", v.N, v.D, o.Dataset.Len())
	}
	return v
}

func checkSame(t *testing.T, got, want ann.Vectors) {
	t.Helper()
	if !slices.Equal(got.Data, want.Data) {
		t.Error("the embeddings differ from those of an uninterrupted job")
	}
}

func cacheFile(t *testing.T, o EmbedOptions) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(o.CacheDir, "*.embeddings"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v; want one cache file", files, err)
	}
	return files[0]
}

// records returns the number of complete records in the cache.
func records(t *testing.T, o EmbedOptions) int {
	t.Helper()
	info, err := os.Stat(cacheFile(t, o))
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Size()-int64(headerSize)) / recordSize
}

// TestSecondRun checks that a second run computes nothing and that copies of an image are computed once.
func TestSecondRun(t *testing.T) {
	o := mustOptions(t)
	o.Weights = Untrained(1) // calibrated on these images, the same way each time
	o.Dataset = images.Subset(o.Dataset, []int32{0, 1, 2, 1, 0, 2})
	first := mustEmbed(t, o)
	if n := records(t, o); n != 3 {
		t.Errorf("%d records of three images, each of which appears twice", n)
	}
	before, err := os.ReadFile(cacheFile(t, o))
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, mustEmbed(t, o), first)
	if after, err := os.ReadFile(cacheFile(t, o)); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the second run changed the cache (%v)", err)
	}
	if slices.Equal(first.Row(0), first.Row(1)) || !slices.Equal(first.Row(1), first.Row(3)) {
		t.Error("rows 0 and 1 are different images, rows 1 and 3 the same")
	}
}

// TestCalibratedFeatures checks the features of a batch under calibrated weights. It also moves a crop to another place in
// another batch, where its features must be the same.
func TestCalibratedFeatures(t *testing.T) {
	crops, err := generatedCrops()
	if err != nil {
		t.Fatal(err)
	}
	w, err := calibratedOnce()
	if err != nil {
		t.Fatal(err)
	}
	if !Untrained(1).Untrained || w.Untrained || w.Hash() == Untrained(1).Hash() {
		t.Error("calibration changed nothing")
	}
	m, err := NewModel(w, testBatch)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	together, err := m.Features(crops)
	if err != nil {
		t.Fatal(err)
	}
	if largest := slices.Max(together); largest < .1 || largest > 100 {
		t.Errorf("largest feature %g: normalised layers give some of about 1", largest)
	}
	alone := make([]uint8, len(crops))
	copy(alone[2*cropBytes:], crops[:cropBytes])
	other, err := m.Features(alone)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(together[:Features], other[2*Features:3*Features]) {
		t.Error("the embedding of a crop depends on its place in the batch or on the others")
	}
	if _, err := m.Features(crops[1:]); err == nil {
		t.Error("no error for crops that lack a byte")
	}
	if _, err := w.Calibrate(crops[:5]); err == nil {
		t.Error("no error for a crop of 5 bytes")
	}
}

// broken is a dataset with one image that cannot be decoded.
type broken struct{ images.Dataset }

func (b broken) Decode(content []byte) (*images.RGB, error) {
	first, err := b.Content(1)
	if err == nil && bytes.Equal(first, content) {
		return nil, errors.New("no image at all")
	}
	return b.Dataset.Decode(content)
}

func TestEmbedRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*EmbedOptions)
		want   string
	}{
		"empty dataset":   {func(o *EmbedOptions) { o.Dataset = images.Subset(o.Dataset, nil) }, "no image"},
		"negative batch":  {func(o *EmbedOptions) { o.Batch = -1 }, "batch -1"},
		"small resize":    {func(o *EmbedOptions) { o.Preprocess.Resize = 100 }, "resize 100"},
		"broken image":    {func(o *EmbedOptions) { o.Dataset = broken{o.Dataset} }, "000001: no image at all"},
		"cache in a file": {func(o *EmbedOptions) { o.CacheDir = filepath.Join(os.Args[0], "cache") }, "cache of embeddings"},
	} {
		t.Run(name, func(t *testing.T) {
			o := mustOptions(t)
			c.change(&o)
			if _, err := Embed(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

// BenchmarkFeatures measures the network alone, with random weights, on the backend of GOMLX_BACKEND.
func BenchmarkFeatures(b *testing.B) {
	for _, batch := range []int{32, 256} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			m, err := NewModel(Untrained(UntrainedSeed), batch)
			if err != nil {
				b.Fatal(err)
			}
			defer m.Close()
			crops := make([]uint8, batch*cropBytes)
			for i := range crops {
				crops[i] = uint8(i * 31)
			}
			features := func() {
				if _, err := m.Features(crops); err != nil {
					b.Fatal(err)
				}
			}
			for features(); b.Loop(); { // the first call compiles
				features()
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
