package resnet50

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/internal/xla"
)

// writeSafetensors writes tensors of float32 to a .safetensors file.
func writeSafetensors(t *testing.T, path string, all map[string]Tensor) {
	t.Helper()
	type entry struct {
		Dtype   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	header, data := map[string]entry{}, []byte(nil)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		from := len(data)
		data, _ = binary.Append(data, binary.LittleEndian, all[name].Data)
		header[name] = entry{"F32", all[name].Dims, [2]int{from, len(data)}}
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	content := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	if err := os.WriteFile(path, append(content, data...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// stemAndFirstStage writes a .safetensors file of the stem and the first stage of the network and returns its path.
func stemAndFirstStage(t *testing.T) string {
	t.Helper()
	part := maps.Clone(untrained().tensors)
	maps.DeleteFunc(part, func(name string, _ Tensor) bool {
		return !strings.HasPrefix(name, "conv1.") && !strings.HasPrefix(name, "bn1.") && !strings.HasPrefix(name, "layer1.")
	})
	path := filepath.Join(t.TempDir(), "part.safetensors")
	writeSafetensors(t, path, part)
	return path
}

// seeded returns the untrained network with batch normalisations that are not the identity, drawn with seed 5.
func seeded(t *testing.T) *Weights {
	t.Helper()
	rng, changes := rand.New(rand.NewPCG(5, 0)), map[string]Tensor{}
	for _, name := range slices.Sorted(maps.Keys(untrained().tensors)) {
		old := untrained().tensors[name]
		if len(old.Dims) != 1 {
			continue
		}
		from, to := -.2, .2 // biases and means
		if strings.HasSuffix(name, ".weight") || strings.HasSuffix(name, ".running_var") {
			from, to = .5, 1.5
		}
		drawn := Tensor{Dims: old.Dims, Data: make([]float32, len(old.Data))}
		for i := range drawn.Data {
			drawn.Data[i] = float32(from + (to-from)*rng.Float64())
		}
		changes[name] = drawn
	}
	w, err := untrained().With(changes)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// seededCrops returns the crops of two random images and writes them to a .npy file in the form of the network's input,
// n × 3 × 224 × 224.
func seededCrops(t *testing.T, path string) (crops []uint8) {
	t.Helper()
	for _, width := range []int{300, 224} {
		crops = append(crops, Preprocess{}.Crop(noise(width, 260))...)
	}
	const area = inputSize * inputSize
	given := make([]float32, len(crops))
	for i, v := range crops {
		image, pixel, ch := i/cropBytes, i%cropBytes/3, i%3
		given[image*cropBytes+ch*area+pixel] = (float32(v)/255 - Mean[ch]) / Std[ch]
	}
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, %d, %d)}\n", inputSize, inputSize)
	content := append([]byte{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, byte(len(header)), byte(len(header) >> 8)}, header...)
	content, _ = binary.Append(content, binary.LittleEndian, given)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return crops
}

// TestSeededNetworkIsONNXRuntimes compares the features of random images under random weights with those of ONNX Runtime:
// cosine ≥ .999999. With the stride of a downsampling block in its first convolution they must differ.
func TestSeededNetworkIsONNXRuntimes(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		dir, w := t.TempDir(), seeded(t)
		writeSafetensors(t, filepath.Join(dir, "weights.safetensors"), w.tensors)
		crops := seededCrops(t, filepath.Join(dir, "images.npy"))
		peers.Ask(t, testkit.Question{
			Name: "resnet50_onnxruntime", Folder: dir, Script: "resnet50_onnxruntime.py",
			Args: []string{"--weights", "weights.safetensors", "--images", "images.npy", "--out", "features.npy"},
		})
		var want []float32
		readNPY(t, filepath.Join(dir, "features.npy"), &want)
		if got := features(t, resnet50(), w, crops); len(want) != 2*Features || smallestCosine(got, want) < .999999 {
			t.Errorf("%d features of ONNX Runtime's, smallest cosine %.7f", len(want), smallestCosine(got, want))
		} else {
			t.Logf("smallest cosine 1 − %.1e", 1-smallestCosine(got, want))
		}
		if cosine := smallestCosine(features(t, firstVersion(), w, crops), want); cosine > .999 {
			t.Errorf("smallest cosine %.5f with the stride in the wrong convolution, want at most .999", cosine)
		} else {
			t.Logf("with the stride in the wrong convolution: %.5f", cosine)
		}
	})
}

// firstVersion returns the architecture with the stride of a downsampling block in its first 1×1 convolution.
func firstVersion() network {
	n := resnet50()
	for _, blocks := range n.stages {
		blocks[0].reduce.stride, blocks[0].spatial.stride = blocks[0].spatial.stride, 1
	}
	return n
}

// features computes the features of crops.
func features(t *testing.T, n network, w *Weights, crops []uint8) []float32 {
	t.Helper()
	backend, err := xla.Backend()
	if err != nil {
		t.Fatal(err)
	}
	m, err := newModel(backend, n, w, len(crops)/cropBytes)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	all, err := m.Features(crops)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(all)
}
