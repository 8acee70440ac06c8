package scale_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/embedding"
	"anncapacity/lib/images"
	"anncapacity/lib/resnet50"
	"anncapacity/lib/scale"
)

// photographs writes generated images into a folder.
func photographs(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	d := images.Generated(n, 1)
	for i := range n {
		m, err := images.Load(d, i)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "class", strings.ReplaceAll(d.ID(i), "/", "-")+".png")
		if err := writePNG(path, m); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The files are those of resnet50.Embed. Photographs that were changed since the plan was made are named.
func TestEmbed(t *testing.T) {
	dir := photographs(t, 5)
	p, err := scale.PlanEmbed(t.Context(), scale.EmbedOptions{Dataset: dir, Weights: "untrained", Batch: 2, Block: 3})
	if err != nil {
		t.Fatal(err)
	}
	w := created(t, p)
	out := filepath.Join(t.TempDir(), "e.npy")
	report, err := w.Run(t.Context(), scale.Job{Runner: inProcess{}, Out: out})
	if err != nil || report.Tasks != 2 {
		t.Fatal(report, err)
	}
	d, err := images.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	wanted := embedded(t, d)
	for i, path := range embedding.Outputs(out) {
		got, err := os.ReadFile(path)
		truth, other := os.ReadFile(embedding.Outputs(wanted)[i])
		if err != nil || other != nil || !bytes.Equal(got, truth) {
			t.Errorf("%s is not that of resnet50.Embed (%v, %v)", filepath.Base(path), err, other)
		}
	}
	changed := filepath.Join(dir, filepath.FromSlash(d.ID(4)))
	if err := os.WriteFile(changed, []byte("no photograph"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.Forget(t.Context(), p.Tasks()[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Run(t.Context(), scale.Job{Runner: inProcess{}, Out: out}); err == nil || !strings.Contains(err.Error(), d.ID(4)) {
		t.Error(err)
	}
	if err := os.Remove(changed); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Run(t.Context(), scale.Job{Runner: inProcess{}, Out: out}); err == nil || !strings.Contains(err.Error(), "added, removed or renamed") {
		t.Error(err)
	}
}

// embedded returns the file of the embeddings that resnet50.Embed computes.
func embedded(t *testing.T, d images.Dataset) string {
	t.Helper()
	weights, err := resnet50.OpenWeights(t.Context(), "untrained")
	if err != nil {
		t.Fatal(err)
	}
	v, err := resnet50.Embed(t.Context(), resnet50.EmbedOptions{Dataset: d, Weights: weights, Batch: 2, CacheDir: t.TempDir()})
	wanted := filepath.Join(t.TempDir(), "e.npy")
	if err == nil {
		err = embedding.Write(wanted, v, embedding.Rows(d))
	}
	if err != nil {
		t.Fatal(err)
	}
	return wanted
}

// writePNG writes an image.
func writePNG(path string, m *images.RGB) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m.Image()); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
