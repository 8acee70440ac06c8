package embedding

import (
	"os"
	"path/filepath"
	"testing"

	"anncapacity/lib/ann"
)

// FuzzParquet checks that any bytes give an error, a complete matrix of finite numbers or strings. The memory allocated
// must be proportional to the size of the file or of the result.
func FuzzParquet(f *testing.F) {
	seed, err := os.ReadFile(filepath.Join("testdata", "seed.parquet"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "e.parquet")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		var v ann.Vectors
		var words []string
		var err error
		took := allocated(func() {
			v, err = Open(path)
			words, _ = OpenStrings(path)
		})
		if most := uint64(64<<20 + 256*len(data) + 16*len(v.Data) + 64*len(words)); took > most {
			t.Errorf("%d bytes are allocated for a file of %d that holds %d numbers", took, len(data), len(v.Data))
		}
		if err != nil {
			return
		}
		if _, err := ann.NewVectors(v.N, v.D, v.Data); err != nil {
			t.Error(err)
		}
	})
}
