package command

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/advise"
	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
)

// sampleFile writes 300 × 8 random numbers to a file and returns its path.
func sampleFile(t *testing.T) string {
	t.Helper()
	v := ann.Vectors{N: 300, D: 8, Data: make([]float32, 2400)}
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range v.Data {
		v.Data[i] = float32(rng.NormFloat64())
	}
	path := filepath.Join(t.TempDir(), "mine.npy")
	if err := embedding.Write(path, v, make([]embedding.Row, v.N)); err != nil {
		t.Fatal(err)
	}
	return path
}

// output runs advise with args and returns what it prints on standard output.
func output(t *testing.T, args ...string) (string, error) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer func(old *os.File) { os.Stdout = old }(os.Stdout)
	os.Stdout = file
	failed := adviseCommand(context.Background(), args)
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), failed
}

func TestAdvisePrintsTextOrJSON(t *testing.T) {
	path := sampleFile(t)
	text, err := output(t, "--embeddings", path, "--k", "20", "--recall", "0.9")
	if err != nil || !strings.Contains(text, "mine.npy: 300 vectors of 8 dimensions; wanted: recall 0.9 at k = 20\n\nSet efSearch = ") {
		t.Errorf("%v\n%s", err, text)
	}
	text, err = output(t, "--embeddings", path, "--k", "20", "--recall", "0.9", "--m", "4, 8", "--ef-construction", "20,40", "--ef-search", "7", "--queries", "100", "--json")
	var r advise.Report
	if err != nil || json.Unmarshal([]byte(text), &r) != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(r.Settings) != 4 || r.Queries != 100 || r.Seed != 42 || r.Settings[3].M != 8 || r.Settings[0].Policies[0].EfSearch != 7 {
		t.Errorf("%+v", r)
	}
}

func TestAdviseRefuses(t *testing.T) {
	path := sampleFile(t)
	for says, args := range map[string][]string{
		"-embeddings or -storage is required": {"--k", "5"},
		"no such file":                        {"--embeddings", path + ".fvecs"},
		"-memory 0":                           {"--embeddings", path, "--memory", "0"},
		"-k 300":                              {"--embeddings", path, "--k", "300"},
		"recall = 2":                          {"--embeddings", path, "--recall", "2"},
		"unexpected argument":                 {"--embeddings", path, "extra"},
		"usage":                               {"--embeddings", path, "--m", "16;32"},
	} {
		if out, err := output(t, args...); err == nil || !strings.Contains(err.Error(), says) || out != "" {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if err := dispatch(stopped, commands(nil), []string{"advise", "--embeddings", path}); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "nothing is kept") {
		t.Errorf("stopped: %v", err)
	}
}
