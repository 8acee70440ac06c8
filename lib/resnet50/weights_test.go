package resnet50

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"anncapacity/lib/internal/tensorfile"
	"anncapacity/lib/internal/testkit"
)

var untrained = sync.OnceValue(func() *Weights { return Untrained(UntrainedSeed) })

// readTensors returns all tensors of a file.
func readTensors(path string) (map[string]Tensor, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := tensorfile.Read(bytes.NewReader(content), int64(len(content)), path)
	if err != nil {
		return nil, err
	}
	all := map[string]Tensor{}
	for name, entry := range f.Tensors {
		t, err := entry.Load()
		if err != nil {
			return nil, err
		}
		all[name] = Tensor(t)
	}
	return all, nil
}

// TestOpenWeightsReal compares with the counts in the README of the file.
func TestOpenWeightsReal(t *testing.T) {
	if !testkit.HasShared(t, "a trained network's file; TestOpenWeightsLoads reads whole files of made-up numbers", "weights/resnet50-pqf/model.safetensors") {
		return
	}
	w, err := OpenWeights(t.Context(), testkit.Shared(t, "weights/resnet50-pqf/model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	parameters := 0
	for name, tensor := range w.tensors {
		if !strings.Contains(name, ".running_") {
			parameters += len(tensor.Data)
		}
	}
	if len(w.tensors) != 267 || parameters != 25_557_032 || !w.HasHead() || w.Name != "resnet50-pqf" {
		t.Errorf("%s: %d tensors, %d parameters, head %t", w.Name, len(w.tensors), parameters, w.HasHead())
	}
}

func TestOpenWeightsIncomplete(t *testing.T) {
	path := stemAndFirstStage(t)
	_, err := OpenWeights(t.Context(), path)
	testkit.WantMentions(t, "stem and layer1 alone", err, path, "layer2.0.bn1.bias is missing")
	tensors, err := readTensors(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := tensors["layer1.0.downsample.0.weight"].Dims; !slices.Equal(got, []int{256, 64, 1, 1}) {
		t.Errorf("downsample of shape %v", got)
	}
}

func TestOpenWeightsByName(t *testing.T) {
	home := t.TempDir()
	t.Setenv("ANNCAPACITY_HOME", home)
	_, err := OpenWeights(t.Context(), "imagenet1k_v2")
	testkit.WantMentions(t, "not downloaded", err, filepath.Join(home, "resnet50-11ad3fa6.pth"), "`anncapacity download imagenet1k_v2`")
	_, err = OpenWeights(t.Context(), "imagenet1k_v1")
	testkit.WantMentions(t, "not downloaded", err, filepath.Join(home, "resnet50-0676ba61.pth"), "`anncapacity download imagenet1k_v1`")
	if err := os.WriteFile(filepath.Join(home, "resnet50-0676ba61.pth"), []byte("PK\x03\x04 and then nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = OpenWeights(t.Context(), "imagenet1k_v1")
	testkit.WantMentions(t, "damaged", err, filepath.Join(home, "resnet50-0676ba61.pth"), "truncated or damaged")
	_, err = OpenWeights(t.Context(), "imagenet1k_v3")
	testkit.WantMentions(t, "unknown", err, "imagenet1k_v3", "imagenet1k_v2, imagenet1k_v1", ".safetensors file")
	_, err = OpenWeights(t.Context(), filepath.Join(home, "absent.pth"))
	if testkit.WantMentions(t, "absent", err, "absent.pth"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenWeights(cancelled, "untrained"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestCaption(t *testing.T) {
	for path, want := range map[string]string{
		"a/resnet50-pqf/model.safetensors": "resnet50-pqf", "a/resnet50_v7.pth": "resnet50_v7", "b.c/d.e.pth": "d.e",
	} {
		if got := caption(path); got != want {
			t.Errorf("caption of %s is %s, want %s", path, got, want)
		}
	}
}

// TestCheckNames checks that the error of every invalid set of tensors names the tensor and the problem.
func TestCheckNames(t *testing.T) {
	fine := untrained().tensors
	nan, inf, negative := slices.Clone(fine["bn1.bias"].Data), slices.Clone(fine["bn1.bias"].Data), slices.Clone(fine["bn1.bias"].Data)
	nan[3], inf[63], negative[1] = float32(math.NaN()), float32(math.Inf(-1)), -1e-9
	head := Tensor{[]int{classes}, make([]float32, classes)}
	for what, c := range map[string]struct {
		name   string
		tensor *Tensor
		words  []string
	}{
		"missing":           {"layer3.5.conv2.weight", nil, []string{"layer3.5.conv2.weight is missing"}},
		"extra":             {"layer5.0.conv1.weight", &head, []string{"layer5.0.conv1.weight", "none of ResNet-50's"}},
		"misshapen":         {"bn1.weight", &Tensor{[]int{8, 8}, make([]float32, 64)}, []string{"bn1.weight", "[8 8]", "want [64]"}},
		"too few values":    {"bn1.weight", &Tensor{[]int{64}, make([]float32, 63)}, []string{"bn1.weight", "63 values"}},
		"NaN":               {"bn1.bias", &Tensor{[]int{64}, nan}, []string{"bn1.bias", "value 3 is NaN"}},
		"infinite":          {"bn1.bias", &Tensor{[]int{64}, inf}, []string{"bn1.bias", "value 63 is -Inf"}},
		"negative variance": {"bn1.running_var", &Tensor{[]int{64}, negative}, []string{"bn1.running_var", "value 1 is -1e-09"}},
		"half a head":       {"fc.bias", &head, []string{"fc.weight is missing"}},
	} {
		changed := maps.Clone(fine)
		if delete(changed, c.name); c.tensor != nil {
			changed[c.name] = *c.tensor
		}
		_, err := newWeights("changed", changed)
		testkit.WantMentions(t, what, err, c.words...)
	}
}

func TestWithAndHash(t *testing.T) {
	w := untrained()
	before := w.Hash()
	mean := Tensor{[]int{64}, slices.Repeat([]float32{0.25}, 64)}
	changed, err := w.With(map[string]Tensor{"bn1.running_mean": mean})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := changed.Tensor("bn1.running_mean"); got.Data[5] != 0.25 {
		t.Errorf("running mean %g after the change", got.Data[5])
	}
	if got, _ := w.Tensor("bn1.running_mean"); got.Data[5] != 0 {
		t.Errorf("the original has running mean %g", got.Data[5])
	}
	if changed.Hash() == before || w.Hash() != before {
		t.Error("the hash of the changed weights must differ, and that of the original must not change")
	}
	back, err := changed.With(map[string]Tensor{"bn1.running_mean": {[]int{64}, make([]float32, 64)}})
	if err != nil || back.Hash() != before {
		t.Errorf("error %v, or another hash of the same values", err)
	}
	_, err = w.With(map[string]Tensor{"bn99.running_mean": mean})
	testkit.WantMentions(t, "a tensor that the network does not have", err, "bn99.running_mean")
}

// TestHashDefinition checks on small tensors that the hash depends on names, shapes and values.
func TestHashDefinition(t *testing.T) {
	a := map[string]Tensor{"x": {[]int{2, 1}, []float32{1, 2}}}
	for what, b := range map[string]map[string]Tensor{
		"name": {"y": {[]int{2, 1}, []float32{1, 2}}}, "shape": {"x": {[]int{1, 2}, []float32{1, 2}}}, "value": {"x": {[]int{2, 1}, []float32{1, 3}}},
		"another tensor": {"x": {[]int{2, 1}, []float32{1, 2}}, "y": {[]int{1}, []float32{0}}},
	} {
		if hashTensors(a) == hashTensors(b) {
			t.Errorf("the hash does not depend on: %s", what)
		}
	}
}

// TestUntrained compares the moments of He's initialisation and checks that the seed determines the values.
func TestUntrained(t *testing.T) {
	w := untrained()
	for name, fan := range map[string]float64{"conv1.weight": 64 * 49, "layer3.2.conv2.weight": 256 * 9, "layer4.0.downsample.0.weight": 2048} {
		tensor, _ := w.Tensor(name)
		n, squares, within, sigma := float64(len(tensor.Data)), 0.0, 0.0, math.Sqrt(2/fan)
		for _, v := range tensor.Data {
			squares += float64(v) * float64(v)
			if math.Abs(float64(v)) < sigma {
				within++
			}
		}
		if got, tolerance := squares/n*fan/2, 5*math.Sqrt(2/n); math.Abs(got-1) > tolerance {
			t.Errorf("%s: %g times the variance, tolerance %g", name, got, tolerance)
		}
		if got := within / n; math.Abs(got-0.6827) > 5*math.Sqrt(0.22/n) {
			t.Errorf("%s: %g of the values within one standard deviation, want those of a normal distribution", name, got)
		}
	}
	for name, want := range map[string]float32{"bn1.weight": 1, "layer4.2.bn3.bias": 0, "layer2.0.downsample.1.running_mean": 0, "bn1.running_var": 1} {
		if tensor, ok := w.Tensor(name); !ok || slices.Min(tensor.Data) != want || slices.Max(tensor.Data) != want {
			t.Errorf("%s is not %g throughout", name, want)
		}
	}
	if w.Name != "untrained" || w.HasHead() || len(w.tensors) != 265 {
		t.Errorf("%s: %d tensors, head %t", w.Name, len(w.tensors), w.HasHead())
	}
	if Untrained(UntrainedSeed).Hash() != w.Hash() || Untrained(UntrainedSeed+1).Hash() == w.Hash() {
		t.Error("the seed must determine the values")
	}
}
