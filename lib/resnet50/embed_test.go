package resnet50

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/images"
)

const (
	testBatch  = 4
	testImages = 18 // four batches and a half
)

// calibratedOnce is weights for all tests of this file: untrained ones, calibrated on some images.
var calibratedOnce = sync.OnceValues(func() (*Weights, error) {
	crops, err := generatedCrops()
	if err != nil {
		return nil, err
	}
	return Untrained(1).Calibrate(crops)
})

// generatedCrops is a batch.
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

// options is a small job that keeps what it computes in a folder.
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

// killedEnv makes the test's own program a process that embeds into the folder it names, to be killed.
const killedEnv = "RESNET50_TEST_KILLED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedEnv); dir != "" {
		o, err := options(dir)
		if err == nil {
			Embed(context.Background(), o)
		}
		os.Exit(3) // it should have been killed
	}
	os.Exit(m.Run())
}

// cancelAfter cancels when a batch's progress is written.
type cancelAfter struct {
	batches int
	cancel  context.CancelFunc
}

func (c *cancelAfter) Write(p []byte) (int, error) {
	if c.batches--; c.batches == 0 {
		c.cancel()
	}
	return len(p), nil
}

// TestInterrupted kills a job, stops the next with Ctrl-C, lets a third finish, damages what it kept and repairs that. The
// embeddings are those of a job that nobody stopped, to the byte.
func TestInterrupted(t *testing.T) {
	want := mustEmbed(t, mustOptions(t))
	o := mustOptions(t)
	kill(t, o.CacheDir)
	killed := records(t, o)
	if killed < testBatch || killed > testImages-2*testBatch {
		t.Fatalf("%d embeddings are kept of a job that was killed after its first batch of %d", killed, testBatch)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stopped := o
	stopped.Progress = &cancelAfter{batches: 2, cancel: cancel} // a line, one batch
	if _, err := Embed(ctx, stopped); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
	if n := records(t, o); n < killed+testBatch || n >= testImages {
		t.Errorf("%d embeddings are kept, %d before a job that was stopped after one batch", n, killed)
	}
	checkSame(t, mustEmbed(t, o), want)
	damage(t, cacheFile(t, o))
	var progress bytes.Buffer
	o.Progress = &progress
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	checkSame(t, mustEmbed(t, o), want)
	if text := "16 of 18 images are in the cache"; !strings.Contains(progress.String(), text) {
		t.Errorf("progress %q, want %q: one record is damaged, one is cut", progress.String(), text)
	}
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

// records is how many whole records the cache holds.
func records(t *testing.T, o EmbedOptions) int {
	t.Helper()
	info, err := os.Stat(cacheFile(t, o))
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Size()-int64(headerSize)) / recordSize
}

// kill starts a process that embeds, and kills it when the first batch is kept.
func kill(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killedEnv+"="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		files, _ := filepath.Glob(filepath.Join(dir, "*.embeddings"))
		if len(files) == 0 {
			continue
		}
		if info, err := os.Stat(files[0]); err == nil && info.Size() >= int64(headerSize+testBatch*recordSize) {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the process ended by itself: %v", err)
	}
}

// damage flips a bit in the middle of the first record, and cuts the last.
func damage(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[headerSize+recordSize/2] ^= 1
	if err := os.WriteFile(path, content[:len(content)-100], 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSecondRun computes nothing, and copies of an image are computed once.
func TestSecondRun(t *testing.T) {
	o := mustOptions(t)
	o.Weights = Untrained(1) // calibrated on these images, the same way each time
	o.Dataset = images.Subset(o.Dataset, []int32{0, 1, 2, 1, 0, 2})
	first := mustEmbed(t, o)
	if n := records(t, o); n != 3 {
		t.Errorf("%d records of three images, each there twice", n)
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

// TestCalibratedFeatures looks at a batch under calibrated weights, and puts a crop into another place with other company.
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
		t.Error("a byte is missing, and nothing was said")
	}
	if _, err := w.Calibrate(crops[:5]); err == nil {
		t.Error("5 bytes were taken for a crop")
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

func TestCache(t *testing.T) {
	dir, key := t.TempDir(), cacheKey(Untrained(1), Preprocess{})
	c, err := openCache(dir, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openCache(dir, key); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a locked cache: error %v", err)
	}
	if err := c.add([]sum{{1}}, make([]float32, Features)); err != nil {
		t.Fatal(err)
	}
	path := c.file.Name()
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	foreign := append([]byte(cacheMagic), make([]byte, 100)...)
	if err := os.WriteFile(path, foreign, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openCache(dir, key); err == nil || !strings.Contains(err.Error(), "not a cache of these weights") {
		t.Errorf("a cache of other weights: error %v", err)
	}
	if content, err := os.ReadFile(path); err != nil || !bytes.Equal(content, foreign) {
		t.Errorf("a file that is not ours was changed (%v)", err)
	}
}

// TestFullDisk writes to a device that is always full.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no /dev/full here: %v", err)
	}
	defer full.Close()
	c := &cache{file: full, end: int64(headerSize), at: map[sum]int64{{9}: 0}}
	err = c.add([]sum{{1}}, make([]float32, Features))
	if err == nil || !strings.Contains(err.Error(), "no space left") || !strings.Contains(err.Error(), "1 embeddings") {
		t.Errorf("error %v", err)
	}
	if len(c.at) != 1 || c.end != int64(headerSize) {
		t.Errorf("after a full disk: %d records, the next at %d", len(c.at), c.end)
	}
}
