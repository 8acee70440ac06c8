package command

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/testkit"
)

// The files of scale embed, in two tasks, are those of embed, for photographs.
func TestScaleEmbedOfPhotographs(t *testing.T) {
	if !testkit.HasShared(t, "scale embed on photographs", "data/imagenette96") {
		return
	}
	dir := t.TempDir()
	linkPhotographs(t, filepath.Join(dir, "photos"), 3)
	if err := os.Symlink(filepath.Join(testkit.Root(t), ".local"), filepath.Join(dir, ".local")); err != nil { // XLA's plugin
		t.Fatal(err)
	}
	question := []string{"--dataset", "photos", "--weights", "untrained", "--batch", "2"}
	for _, args := range [][]string{
		append([]string{"embed", "--out", "want.npy"}, question...),
		append([]string{"scale", "embed", "--out", "got.npy", "--work", "work", "--block", "2"}, question...),
	} {
		cmd, log := program(t, dir, args...)
		if out, err := cmd.Output(); err != nil {
			t.Fatalf("%q: %v\n%s%s", args, err, out, log)
		}
	}
	for i, path := range embedding.Outputs(filepath.Join(dir, "want.npy")) {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(embedding.Outputs(filepath.Join(dir, "got.npy"))[i]); err != nil || !bytes.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s is not that of embed (%v)", filepath.Base(path), err)
		}
	}
}

// linkPhotographs links some photographs of Imagenette into a folder.
func linkPhotographs(t *testing.T, folder string, n int) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(testkit.Shared(t, "data/imagenette96"), "val", "*", "*"))
	if err != nil || len(all) < n {
		t.Fatalf("%d photographs: %v", len(all), err)
	}
	if err := os.MkdirAll(filepath.Join(folder, "class"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range all[:n] {
		if err := os.Symlink(path, filepath.Join(folder, "class", filepath.Base(path))); err != nil {
			t.Fatal(err)
		}
	}
}
