package resnet50

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/tensorfile"
	"anncapacity/lib/internal/testkit"
)

// variants holds the folder of the files that weights_variants.py writes and what the script prints: for each argument of
// OpenWeights, words of the notes or of the error, and for each tensor the value of all its elements.
type variants struct {
	dir           string
	Read, Refused map[string][]string
	Values        map[string]float32
}

func madeVariants(t *testing.T, peers testkit.Peers) variants {
	t.Helper()
	v := variants{dir: t.TempDir()}
	if err := json.Unmarshal(peers.Ask(t, testkit.Question{Name: "weights_variants", Folder: v.dir, Script: "weights_variants.py", Args: []string{"."}}), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestOpenWeightsVariants covers prefixes, nested dicts, names of other programs, numbers of other types, other heads, and
// objects that training scripts save with the weights. The network must be found, each tensor must be the right one, and the
// notes must describe the differences.
func TestOpenWeightsVariants(t *testing.T) { testkit.EachPeers(t, testOpenWeightsVariants) }

func testOpenWeightsVariants(t *testing.T, peers testkit.Peers) {
	v := madeVariants(t, peers)
	if len(v.Read) < 40 || len(v.Values) != 265 {
		t.Fatalf("%d files of %d tensors, want at least 40 of 265", len(v.Read), len(v.Values))
	}
	for spec, words := range v.Read {
		c, err := v.find(spec)
		if err != nil {
			t.Errorf("%s: %v", spec, err)
			continue
		}
		v.wantValues(t, spec, c)
		notes := strings.Join(c.notes(), "; ")
		for _, word := range words {
			if !strings.Contains(notes, word) {
				t.Errorf("%s: notes %q, want %q", spec, notes, word)
			}
		}
		if len(words) == 0 && notes != "" {
			t.Errorf("%s: notes %q, want none", spec, notes)
		}
	}
}

// find returns the network in a file.
func (v variants) find(spec string) (candidate, error) {
	path, prefix := splitSpec(filepath.Join(v.dir, spec))
	content, err := os.ReadFile(path)
	if err != nil {
		return candidate{}, err
	}
	f, err := tensorfile.Read(bytes.NewReader(content), int64(len(content)), path)
	if err != nil {
		return candidate{}, err
	}
	return findNetwork(f, prefix)
}

// wantValues compares the values of all tensors of at most 2¹⁷ elements.
func (v variants) wantValues(t *testing.T, spec string, c candidate) {
	t.Helper()
	names := c.names()
	for name, want := range v.Values {
		tensor := c.file.Tensors[names[name]]
		if n, err := tensorfile.Elements(tensor.Dims); err != nil || n > 1<<17 {
			continue
		}
		if got, err := tensor.Load(); err != nil || got.Data[0] != want || got.Data[len(got.Data)-1] != want {
			t.Errorf("%s: error %v, or %s is not %g throughout", spec, err, name, want)
		}
	}
}

// TestOpenWeightsLoads compares every value of complete files. A head is loaded only if it has a thousand classes.
func TestOpenWeightsLoads(t *testing.T) { testkit.EachPeers(t, testOpenWeightsLoads) }

func testOpenWeightsLoads(t *testing.T, peers testkit.Peers) {
	v := madeVariants(t, peers)
	for _, spec := range []string{"plain.pth", "both.pth:teacher.backbone", "legacy training.pth.tar", "transformers.bin", "ten classes.pth"} {
		w, err := OpenWeights(t.Context(), filepath.Join(v.dir, spec))
		if err != nil {
			t.Error(err)
			continue
		}
		for name, want := range v.Values {
			if got, _ := w.Tensor(name); slices.Min(got.Data) != want || slices.Max(got.Data) != want {
				t.Errorf("%s: %s is not %g throughout", spec, name, want)
			}
		}
		if w.HasHead() != (spec == "plain.pth") || (len(w.Notes) > 0) != (spec != "plain.pth") {
			t.Errorf("%s: head %t, notes %q", spec, w.HasHead(), w.Notes)
		}
	}
}

// TestOpenWeightsRefuses covers other networks, several networks, whole models, programs, and tensors that are not dense,
// finite floating-point numbers. Every error must name the file.
func TestOpenWeightsRefuses(t *testing.T) { testkit.EachPeers(t, testOpenWeightsRefuses) }

func testOpenWeightsRefuses(t *testing.T, peers testkit.Peers) {
	v := madeVariants(t, peers)
	if err := os.MkdirAll(filepath.Join(v.dir, "folder.pth"), 0o755); err != nil { // committed answers hold no empty folder
		t.Fatal(err)
	}
	if len(v.Refused) < 50 {
		t.Fatalf("%d files, want at least 50", len(v.Refused))
	}
	for spec, words := range v.Refused {
		_, err := OpenWeights(t.Context(), filepath.Join(v.dir, spec))
		file, _, _ := strings.Cut(spec, ":")
		testkit.WantMentions(t, spec, err, append(words, filepath.Join(v.dir, file))...)
	}
	if _, err := os.Stat(filepath.Join(v.dir, "executed")); err == nil {
		t.Error("a command in a pickle was executed")
	}
}

// TestSafetensorsPrefix reads a safetensors file with a prefix and another extension, which is recognised by its header.
func TestSafetensorsPrefix(t *testing.T) {
	entries, end := map[string]any{}, 0
	for name, dims := range resnet50().tensorShapes() {
		n, err := tensorfile.Elements(dims)
		if err != nil {
			t.Fatal(err)
		}
		entries["module.encoder."+name] = map[string]any{"dtype": "F16", "shape": dims, "data_offsets": []int{end, end + 2*n}}
		end += 2 * n
	}
	header, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "prefix.bin")
	content := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	if err := errors.Join(os.WriteFile(path, content, 0o600), os.Truncate(path, int64(len(content)+end))); err != nil {
		t.Fatal(err)
	}
	w, err := OpenWeights(t.Context(), path) // zeros
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`the network is that whose tensors begin with "module.encoder."`, "numbers of type float16 are taken as float32"}
	if !slices.Equal(w.Notes, want) {
		t.Errorf("notes %q, want %q", w.Notes, want)
	}
}
