package resnet50

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/sbinet/npyio/npy"

	"anncapacity/lib/images"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/internal/xla"
)

const parityBatch = 16

// golden holds the results of ONNX Runtime on 64 photographs.
type golden struct {
	images     images.Dataset
	embeddings []float32
	top5       [][]int
}

// hasGolden reports whether the files that openGolden and openPQF read exist.
func hasGolden(t *testing.T) bool {
	t.Helper()
	return testkit.HasShared(t, "trained weights on photographs; TestSeededNetworkIsONNXRuntimes checks the network with drawn ones", "golden/embeddings", "data/imagenette96", "weights/resnet50-pqf")
}

func openGolden(t *testing.T) golden {
	t.Helper()
	var g golden
	readNPY(t, testkit.Shared(t, "golden/embeddings/embeddings.npy"), &g.embeddings)
	f, err := os.Open(testkit.Shared(t, "golden/embeddings/images.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := images.OpenFolder(testkit.Shared(t, "data/imagenette96"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int32{}
	for i := range folder.Len() {
		rows["imagenette96/"+folder.ID(i)] = int32(i)
	}
	var chosen []int32
	for _, line := range lines[1:] {
		chosen = append(chosen, rows[line[1]])
		g.top5 = append(g.top5, numbers(t, line[2]))
	}
	g.images = images.Subset(folder, chosen)
	if len(g.top5) != 64 || len(g.embeddings) != 64*Features {
		t.Fatalf("%d images, %d numbers", len(g.top5), len(g.embeddings))
	}
	return g
}

func numbers(t *testing.T, text string) []int {
	t.Helper()
	var all []int
	for _, word := range strings.Fields(text) {
		n, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

func readNPY(t *testing.T, path string, into any) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := npy.Read(f, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func openPQF(t *testing.T) *Weights {
	t.Helper()
	w, err := OpenWeights(t.Context(), testkit.Shared(t, "weights/resnet50-pqf/model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// smallestCosine returns the smallest cosine between corresponding rows.
func smallestCosine(a, b []float32) float64 {
	smallest := 1.0
	for i := 0; i < len(a); i += Features {
		var ab, aa, bb float64
		for j := i; j < i+Features; j++ {
			x, y := float64(a[j]), float64(b[j])
			ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
		}
		smallest = min(smallest, ab/math.Sqrt(aa*bb))
	}
	return smallest
}

func TestParityWithONNXRuntime(t *testing.T) {
	if !hasGolden(t) {
		return
	}
	g, w := openGolden(t), openPQF(t)
	v := mustEmbed(t, EmbedOptions{Dataset: g.images, Weights: w, Batch: parityBatch, CacheDir: t.TempDir()})
	features := v.Data
	if cosine := smallestCosine(features, g.embeddings); !(cosine >= 0.9999) {
		t.Errorf("smallest cosine %.7f", cosine)
	} else {
		t.Logf("smallest cosine 1 − %.1e", 1-cosine)
	}
	whole := 0
	for i, want := range g.top5 {
		got := top5(w, features[i*Features:(i+1)*Features])
		if got[0] != want[0] {
			t.Errorf("image %d: class %d, want %d", i, got[0], want[0])
		}
		if slices.Equal(got, want) {
			whole++
		}
	}
	t.Logf("the most probable class of all 64 photographs was compared; the five most probable agree, in order, for %d", whole)
}

// top5 returns the classifier's five most probable classes.
func top5(w *Weights, feature []float32) []int {
	weight, bias := w.values("fc.weight"), w.values("fc.bias")
	order := make([]int, len(bias))
	score := make([]float64, len(bias))
	for c := range bias {
		order[c], score[c] = c, float64(bias[c])
		for j, f := range feature {
			score[c] += float64(f) * float64(weight[c*Features+j])
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		if score[a] > score[b] {
			return -1
		}
		return 1
	})
	return order[:5]
}

// TestStrideInTheWrongConvolution checks that parity detects the first version of the architecture, which has the stride of
// a downsampling block in its first 1×1 convolution. The same weights fit both versions.
func TestStrideInTheWrongConvolution(t *testing.T) {
	if !hasGolden(t) {
		return
	}
	g, w := openGolden(t), openPQF(t)
	var crops []uint8
	for i := range 4 {
		rgb, err := images.Load(g.images, i)
		if err != nil {
			t.Fatal(err)
		}
		crops = append(crops, Preprocess{}.Crop(rgb)...)
	}
	if cosine := smallestCosine(features(t, firstVersion(), w, crops), g.embeddings); !(cosine <= 0.99) {
		t.Errorf("smallest cosine %.5f with the stride in the wrong convolution, want at most 0.99", cosine)
	} else {
		t.Logf("smallest cosine %.3f", cosine)
	}
}

// TestStemAndFirstStage uses torchvision's weights, whose batch normalisation has trained statistics.
func TestStemAndFirstStage(t *testing.T) {
	if !testkit.HasShared(t, "stem and first stage with torchvision's weights; TestSeededNetworkIsONNXRuntimes checks the whole network with drawn ones", "golden/stem_layer1") {
		return
	}
	tensorsOf, err := readTensors(testkit.Shared(t, "golden/stem_layer1/weights.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	var input, wantMean, wantRow []float32
	for name, into := range map[string]*[]float32{"input_nchw": &input, "layer1_mean_hw": &wantMean, "layer1_row28": &wantRow} {
		readNPY(t, testkit.Shared(t, filepath.Join("golden/stem_layer1", name+".npy")), into)
	}
	n := resnet50()
	n.stages = n.stages[:1]
	w := &Weights{tensors: tensorsOf}
	args := []any{tensors.FromFlatDataAndDimensions(input, 1, 3, inputSize, inputSize)}
	for _, p := range n.inferenceParameters(w) {
		args = append(args, p)
	}
	backend, err := xla.Backend()
	if err != nil {
		t.Fatal(err)
	}
	mean, row, err := MustNewExec(backend, func(in []*Node) []*Node {
		y := n.trunk(TransposeAllAxes(in[0], 0, 2, 3, 1), inference(n.named(in[1:])))
		y = TransposeAllAxes(y, 0, 3, 1, 2)
		return []*Node{ReduceMean(y, 2, 3), Slice(y, AxisRange(), AxisRange(), AxisElem(28))}
	}).Call2(args...)
	if err != nil {
		t.Fatal(err)
	}
	largestDifference(t, "mean over height and width", tensors.MustCopyFlatData[float32](mean), wantMean)
	largestDifference(t, "row 28", tensors.MustCopyFlatData[float32](row), wantRow)
}

func largestDifference(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	largest := 0.0
	for i := range got {
		largest = max(largest, math.Abs(float64(got[i]-want[i])))
	}
	t.Logf("%s: largest difference %.1e", what, largest)
	if !(largest <= 1e-3) {
		t.Errorf("%s: largest difference %g, at most 0.001 is allowed", what, largest)
	}
}
