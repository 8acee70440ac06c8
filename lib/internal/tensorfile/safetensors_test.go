package tensorfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// safetensorsFile writes a file with the given header and data and returns its path.
func safetensorsFile(t *testing.T, header string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hand made.safetensors")
	content := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	if err := os.WriteFile(path, append(append(content, header...), data...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSafetensorsFormats(t *testing.T) {
	header := `{"__metadata__":{"format":"pt"},
		"f": {"dtype":"F32","shape":[2],"data_offsets":[0,8]}, "h": {"dtype":"F16","shape":[1,3],"data_offsets":[8,14]},
		"b": {"dtype":"BF16","shape":[2],"data_offsets":[14,18]}, "bn1.num_batches_tracked": {"dtype":"I64","shape":[],"data_offsets":[18,26]}, "d": {"dtype":"F64","shape":[1],"data_offsets":[26,34]}}   `
	data := []byte{0, 0, 128, 63, 0, 0, 32, 192, 0, 128, 1, 0, 0, 60, 128, 63, 73, 192, 9, 0, 0, 0, 0, 0, 0, 0}
	data = binary.LittleEndian.AppendUint64(data, math.Float64bits(0.1))
	got, err := readTensors(safetensorsFile(t, header, data))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Tensor{
		"f": {[]int{2}, []float32{1, -2.5}}, "h": {[]int{1, 3}, []float32{float32(math.Copysign(0, -1)), 0x1p-24, 1}},
		"b": {[]int{2}, []float32{1, -3.140625}}, "d": {[]int{1}, []float32{0.1}},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read %v, want %v", got, want)
	}
}

func TestSafetensorsDamaged(t *testing.T) {
	entry := func(dtype, shape string, from, to int) string {
		return fmt.Sprintf(`{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, dtype, shape, from, to)
	}
	for what, c := range map[string]struct {
		header string
		data   int
		words  []string
	}{
		"truncated":      {`{"a":` + entry("F32", "[4]", 0, 16) + `}`, 13, []string{"tensor a", "truncated", "has 13"}},
		"left over":      {`{"a":` + entry("F32", "[4]", 0, 16) + `}`, 20, []string{"4 bytes after the last tensor"}},
		"overlap":        {`{"a":` + entry("F32", "[4]", 0, 16) + `,"b":` + entry("F32", "[1]", 12, 16) + `}`, 16, []string{"tensor b"}},
		"gap":            {`{"a":` + entry("F32", "[4]", 0, 16) + `,"b":` + entry("F32", "[1]", 20, 24) + `}`, 24, []string{"tensor b"}},
		"negative":       {`{"a":` + entry("F32", "[4]", -16, 0) + `}`, 16, []string{"tensor a"}},
		"backwards":      {`{"a":` + entry("F32", "[4]", 0, -16) + `}`, 16, []string{"tensor a"}},
		"shape":          {`{"a":` + entry("F32", "[5]", 0, 16) + `}`, 16, []string{"tensor a", "want 20"}},
		"empty shape":    {`{"a":` + entry("F32", "[0]", 0, 0) + `}`, 0, []string{"tensor a", "[0]"}},
		"huge shape":     {`{"a":` + entry("F32", "[4294967296,4294967296]", 0, 16) + `}`, 16, []string{"tensor a", "4294967296"}},
		"integers":       {`{"a":` + entry("I64", "[2]", 0, 16) + `}`, 16, []string{"tensor a", "I64"}},
		"no JSON":        {`{"a":`, 0, []string{"header"}},
		"another header": {`{"a":[1,2]}`, 0, []string{"header", "tensor a"}},
	} {
		path := safetensorsFile(t, c.header, make([]byte, c.data))
		_, err := readTensors(path)
		testkit.WantMentions(t, what, err, append(c.words, path)...)
	}
	for what, content := range map[string]string{"empty": "", "short": "abc", "text": "these are not the weights you are looking for"} {
		path := filepath.Join(t.TempDir(), "a.safetensors")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readTensors(path)
		testkit.WantMentions(t, what, err, path, "header")
	}
}

// Reading a file that is truncated at any of many places is an error and does not panic.
func TestSafetensorsCut(t *testing.T) {
	whole := safetensorsFile(t, `{"a":{"dtype":"F32","shape":[3000],"data_offsets":[0,12000]}}`, make([]byte, 12000))
	if _, err := readTensors(whole); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut.safetensors")
	for _, n := range []int{0, 7, 8, 9, 30, 5000, len(content) / 2, len(content) - 1} {
		if err := os.WriteFile(path, content[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readTensors(path)
		testkit.WantMentions(t, fmt.Sprintf("%d of %d bytes", n, len(content)), err, path)
	}
}
