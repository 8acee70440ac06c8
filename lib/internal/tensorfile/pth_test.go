package tensorfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// madePTH returns a folder of state dicts in both layouts of torch.save and, for each valid file, its tensors.
func madePTH(t testing.TB, peers testkit.Peers) (dir string, sound map[string]map[string]wantTensor) {
	t.Helper()
	dir = t.TempDir()
	if err := json.Unmarshal(peers.Ask(t, testkit.Question{Name: "make_pth", Folder: dir, Script: "make_pth.py", Args: []string{"."}}), &sound); err != nil {
		t.Fatal(err)
	}
	return dir, sound
}

// readTensors returns all tensors of a file.
func readTensors(path string) (map[string]Tensor, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all, err := readBytes(content, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

func readBytes(content []byte, path string) (map[string]Tensor, error) {
	f, err := Read(bytes.NewReader(content), int64(len(content)), path)
	if err != nil {
		return nil, err
	}
	all := map[string]Tensor{}
	for name, stored := range f.Tensors {
		if all[name], err = stored.Load(); err != nil {
			return nil, fmt.Errorf("tensor %s: %w", name, err)
		}
	}
	return all, nil
}

type wantTensor struct {
	Dims   []int
	Values []float32
}

// TestPTH reads both layouts in float32, float64, float16 (with −0 and subnormal numbers) and bfloat16, views with strides and
// offsets into one storage, parameters, and files with and without counters.
func TestPTH(t *testing.T) { testkit.EachPeers(t, testPTH) }

func testPTH(t *testing.T, peers testkit.Peers) {
	dir, sound := madePTH(t, peers)
	if len(sound) != 12 {
		t.Errorf("%d files, want 12", len(sound))
	}
	for file, want := range sound {
		got, err := readTensors(filepath.Join(dir, file))
		if err != nil {
			t.Error(err)
			continue
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d tensors, want %d", file, len(got), len(want))
		}
		for name, tensor := range want {
			if !slices.Equal(got[name].Dims, tensor.Dims) || !slices.EqualFunc(got[name].Data, tensor.Values, sameBits) {
				t.Errorf("%s: %s is %v…, want %v…", file, name, got[name].Data[:1], tensor.Values[:1])
			}
		}
	}
}

func sameBits(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }

func TestPTHDamaged(t *testing.T) { testkit.EachPeers(t, testPTHDamaged) }

func testPTHDamaged(t *testing.T, peers testkit.Peers) {
	dir, _ := madePTH(t, peers)
	for name, words := range map[string][]string{
		"zip_count_too_large":    {"storage 0", "20 bytes, want 24"},
		"zip_count_too_small":    {"storage 0", "20 bytes, want 16"},
		"zip_count_enormous":     {"storage", "1152921504606846976"},
		"zip_beyond_storage":     {"fc.bias", "elements 1 to 5 of a storage of 5"},
		"zip_negative_stride":    {"fc.bias", "stride -1"},
		"zip_negative_offset":    {"fc.bias", "elements -1"},
		"zip_enormous":           {"fc.bias", "1099511627776"},
		"zip_integers":           {"fc.bias", "type int64"},
		"legacy_integers":        {"fc.bias", "type int64"},
		"zip_big_endian":         {"byte order"},
		"zip_list":               {"want a state dict"},
		"zip_no_pickle":          {"no data.pkl"},
		"zip_flipped":            {"conv1.weight", "archive/data/0", "checksum"},
		"legacy_count_too_large": {"storage 0", "20 bytes, want 24"},
		"legacy_count_enormous":  {"storage", "1152921504606846976"},
		"legacy_beyond_storage":  {"fc.bias", "elements 1 to 5 of a storage of 5"},
		"legacy_negative_stride": {"fc.bias", "stride -1"},
		"legacy_negative_offset": {"fc.bias", "elements -1"},
		"legacy_enormous":        {"fc.bias", "1099511627776"},
		"legacy_other_magic":     {"no magic number"},
		"zip_missing":            {"no such file"},
		"zip_hostile":            {"asks for posix.system", "refused"},
		"legacy_hostile":         {"asks for posix.system", "refused"},
		"legacy_hostile_magic":   {"no magic number"},
		"legacy_count_too_small": {"bytes after the last storage"},
	} {
		path := filepath.Join(dir, name+".pth")
		_, err := readTensors(path)
		testkit.WantMentions(t, name, err, append(words, path)...)
	}
}

// A file whose pickle calls os.system is an error, and nothing is executed.
func TestPTHHostile(t *testing.T) { testkit.EachPeers(t, testPTHHostile) }

func testPTHHostile(t *testing.T, peers testkit.Peers) {
	dir, _ := madePTH(t, peers)
	t.Chdir(dir)
	for _, name := range []string{"zip_hostile.pth", "legacy_hostile.pth", "legacy_hostile_magic.pth"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(content), "touch 'executed_") {
			t.Fatalf("%s is not hostile (%v)", name, err)
		}
		if _, err := readTensors(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if marks, _ := filepath.Glob(filepath.Join(dir, "executed_*")); len(marks) > 0 {
		t.Errorf("executed: %v", marks)
	}
}

// A file that is truncated at any place is an error that names the file. Reading it neither panics nor returns zeros.
func TestPTHCut(t *testing.T) { testkit.EachPeers(t, testPTHCut) }

func testPTHCut(t *testing.T, peers testkit.Peers) {
	dir, _ := madePTH(t, peers)
	for _, name := range []string{"zip_Half.pth", "legacy_Half.pth", "legacy_strided.pth"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for n := range content {
			_, err := readBytes(content[:n], name)
			testkit.WantMentions(t, fmt.Sprintf("%d of %d bytes of %s", n, len(content), name), err)
		}
		path := filepath.Join(dir, "cut.pth")
		if err := os.WriteFile(path, content[:len(content)-1], 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = readTensors(path)
		testkit.WantMentions(t, name+" without its last byte", err, path, "truncated")
	}
}

// A changed byte in an archive is an error or has no effect. In the old layout, which has no checksum, it causes no panic.
func TestPTHFlipped(t *testing.T) { testkit.EachPeers(t, testPTHFlipped) }

func testPTHFlipped(t *testing.T, peers testkit.Peers) {
	dir, sound := madePTH(t, peers)
	for _, name := range []string{"zip_strided.pth", "legacy_strided.pth"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for at := range content {
			flipped := slices.Clone(content)
			flipped[at] ^= 0x15
			got, err := readBytes(flipped, name)
			if err != nil || strings.HasPrefix(name, "legacy") {
				continue
			}
			for key, want := range sound[name] {
				if !slices.EqualFunc(got[key].Data, want.Values, sameBits) {
					t.Errorf("byte %d of %s: %s was read wrongly", at, name, key)
				}
			}
		}
	}
}

// Reading any bytes returns tensors or an error and does not panic.
func FuzzRead(f *testing.F) {
	dir, _ := madePTH(f, testkit.Peers{})
	for _, name := range []string{"zip_strided.pth", "legacy_strided.pth", "zip_parameter.pth", "legacy_Half.pth"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		all, err := readBytes(content, "a.pth")
		for name, tensor := range all {
			if n, wrong := Elements(tensor.Dims); err == nil && (wrong != nil || n != len(tensor.Data)) {
				t.Errorf("%s: %d values of shape %v", name, len(tensor.Data), tensor.Dims)
			}
		}
	})
}
