package embedding

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
)

func TestWriteNeighbors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "truth.ivecs")
	lists := []ann.Neighbors{{{ID: 7, Distance: .5}, {ID: 2, Distance: 1.25}}, {{ID: 0, Distance: -3}, {ID: 1 << 20, Distance: 0}}}
	if err := WriteNeighbors(path, lists); err != nil {
		t.Fatal(err)
	}
	distances, err := Open(strings.Replace(path, ".ivecs", ".fvecs", 1))
	if err != nil {
		t.Fatal(err)
	}
	if want := []float32{.5, 1.25, -3, 0}; distances.D != 2 || !slices.Equal(distances.Data, want) {
		t.Errorf("distances %+v, want %v", distances, want)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]int32, len(data)/4)
	if _, err := binary.Decode(data, binary.LittleEndian, ids); err != nil {
		t.Fatal(err)
	}
	if want := []int32{2, 7, 2, 2, 0, 1 << 20}; !slices.Equal(ids, want) {
		t.Errorf("IDs %v, want %v", ids, want)
	}
	if err := WriteNeighbors(path+".csv", lists); err == nil || !strings.Contains(err.Error(), ".ivecs") {
		t.Errorf("a .csv was accepted: %v", err)
	}
}
