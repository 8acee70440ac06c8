package command

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/report"
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
	text, err := output(t, "--embeddings", path, "--k", "20", "--recall", "0.9", "--engine", "pgvector")
	if err != nil || !strings.Contains(text, "mine.npy: 300 vectors of 8 dimensions, l2; wanted: recall 0.9 at k = 20\n\nSet hnsw.ef_search = ") || !strings.Contains(text, "SET hnsw.ef_search = ") {
		t.Errorf("%v\n%s", err, text)
	}
	text, err = output(t, "--embeddings", path, "--k", "10,20", "--recall", "0.9", "--m", "4, 8", "--ef-construction", "20,40", "--ef-search", "7", "--sample", "100", "--json")
	var r report.Report
	if err != nil || json.Unmarshal([]byte(text), &r) != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if r.Version != 1 || r.Kind != report.KindAdvice || len(r.Indexes) != 8 || r.Queries != 100 || r.Method.Seed != 42 || r.Indexes[3].M != 8 || r.Indexes[0].Policies[0].EfSearch != 7 {
		t.Errorf("%+v", r)
	}
	seen := map[[2]int]bool{}
	for _, s := range r.Settings {
		seen[[2]int{s.K, s.EfSearch}] = true
	}
	if !seen[[2]int{10, 7}] || !seen[[2]int{20, 7}] || len(seen) != len(r.Settings) || r.Advice == nil || !seen[[2]int{r.Advice.K, r.Advice.EfSearch}] {
		t.Errorf("the rows are %v", seen)
	}
}

// Queries of a file are no indexed points: with k = n, every point is a neighbour.
func TestAdviseAsksOwnQueries(t *testing.T) {
	base, queries := sampleFile(t), sampleFile(t)
	text, err := output(t, "--embeddings", base, "--queries", queries, "--k", "300", "--recall", "0.9", "--metric", "ip", "--builds", "2", "--json")
	var r report.Report
	if err != nil || json.Unmarshal([]byte(text), &r) != nil || !r.Method.OwnQueries || r.Queries != 300 || r.Metric != "ip" || r.Settings[0].K != 300 {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestAdviseRefuses(t *testing.T) {
	path := sampleFile(t)
	narrow, nan := filepath.Join(t.TempDir(), "narrow.npy"), filepath.Join(t.TempDir(), "nan.npy")
	for file, v := range map[string]ann.Vectors{narrow: {N: 2, D: 3, Data: make([]float32, 6)}, nan: {N: 1, D: 8, Data: []float32{1, 2, 3, float32(math.NaN()), 5, 6, 7, 8}}} {
		if err := embedding.Write(file, v, make([]embedding.Row, v.N)); err != nil {
			t.Fatal(err)
		}
	}
	for says, args := range map[string][]string{
		"-embeddings or -storage is required":  {"--k", "5"},
		"no such file":                         {"--embeddings", path + ".fvecs"},
		"-memory 0":                            {"--embeddings", path, "--memory", "0"},
		"-k 300":                               {"--embeddings", path, "--k", "10,300"},
		"-k 301: must be at most 300":          {"--embeddings", path, "--queries", path, "--k", "301"},
		"recall = 2":                           {"--embeddings", path, "--k", "5", "--recall", "2"},
		"unexpected argument":                  {"--embeddings", path, "extra"},
		"usage":                                {"--embeddings", path, "--m", "16;32"},
		"-queries 200: must be a file":         {"--embeddings", path, "--queries", "200"},
		"the queries have 3 dimensions":        {"--embeddings", path, "--queries", narrow, "--k", "5"},
		"row 0, column 3 is NaN":               {"--embeddings", path, "--queries", nan, "--k", "5"},
		`engine "annoy": must be one of`:       {"--embeddings", path, "--engine", "annoy"},
		`metric "hamming"`:                     {"--embeddings", path, "--metric", "hamming"},
		"only one value with -storage":         {"--storage", path, "--k", "5,6"},
		"-shard-by: only with -shards":         {"--embeddings", path, "--shard-by", "cell"},
		"must be random or cell":               {"--embeddings", path, "--shards", "2", "--shard-by", "hash"},
		"-shards 0: must be at least 1":        {"--embeddings", path, "--shards", "0"},
		"-engine: not to be used with -shards": {"--embeddings", path, "--shards", "2", "--engine", "pgvector"},
		"-m: only one value with -shards":      {"--embeddings", path, "--shards", "2", "--m", "4,8"},
		"301 shards of 300 vectors":            {"--embeddings", path, "--shards", "301", "--k", "5"},
	} {
		if out, err := output(t, args...); err == nil || !strings.Contains(err.Error(), says) || out != "" {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if err := dispatch(stopped, commands(nil, Drivers{}), []string{"advise", "--embeddings", path}); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "nothing is kept") {
		t.Errorf("stopped: %v", err)
	}
}
