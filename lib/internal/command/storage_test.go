package command

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/study"
)

// vectorsFolder returns a folder with base.bvecs, learn.bvecs and query.bvecs: 600, 300 and 10 random vectors of 8 numbers. The
// first query is base vector 7.
func vectorsFolder(t *testing.T) string {
	t.Helper()
	t.Setenv("GOMLX_BACKEND", "xla:"+filepath.Join(testkit.Root(t), ".local", "pjrt_cpu_plugin.so")) // the program runs in another folder
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(4, 4))
	var base []uint8
	for _, set := range []struct {
		name string
		n    int
	}{{"base", 600}, {"learn", 300}, {"query", 10}} {
		c := ann.Coordinates{N: set.n, D: 8, Bytes: make([]uint8, 8*set.n)}
		for i := range c.Bytes {
			c.Bytes[i] = uint8(rng.IntN(256))
		}
		if set.name == "base" {
			base = c.Bytes
		} else if set.name == "query" {
			copy(c.Bytes, base[7*8:8*8])
		}
		if err := embedding.WriteBytes(filepath.Join(dir, set.name+".bvecs"), c); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// prints runs the program in a folder and returns its standard output.
func prints(t *testing.T, dir, args string) string {
	t.Helper()
	cmd, stderr := program(t, dir, strings.Fields(args)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", args, err, stderr)
	}
	return string(out)
}

const buildArgs = "storage build --embeddings base.bvecs --learn learn.bvecs --out index --way kmeans --clusters 12 --ks 1,10"

// The command builds an index, searches it, and prints JSON of version 1.
func TestStorageBuildAndSearch(t *testing.T) {
	dir := vectorsFolder(t)
	if out := prints(t, dir, buildArgs); !strings.Contains(out, "kmeans: 600 vectors of 8 numbers in 12 units, 1.000 copies") || !strings.Contains(out, "recall@10 of 0.95: ") {
		t.Error(out)
	}
	var found struct {
		Version                          int
		IDs                              [][]int
		VectorsFetched                   float64 `json:"vectors_fetched"`
		BytesRead                        float64 `json:"bytes_read"`
		Pages, Reads                     float64
		MemoryBytes                      int     `json:"memory_bytes"`
		ExpectedRecall                   float64 `json:"expected_recall"`
		Distances                        [][]float64
		Rule, Access, NotAFieldOfTheJSON string
	}
	out := prints(t, dir, "storage search --index index --queries query.bvecs --k 3 --recall 0.9 --json")
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		t.Fatal(err)
	}
	if found.Version != 1 || len(found.IDs) != 10 || len(found.IDs[9]) != 3 || found.IDs[0][0] != 7 || found.Distances[0][0] != 0 {
		t.Errorf("%s", out)
	}
	if found.VectorsFetched < 3 || found.VectorsFetched > 600 || found.BytesRead != 4096*found.Pages || found.Reads > found.Pages || found.Reads < 1 {
		t.Errorf("%s", out)
	}
	if found.ExpectedRecall < .9 || found.ExpectedRecall > 1 || found.MemoryBytes < 12*8*4 || found.Rule == "" || found.Access == "" {
		t.Errorf("%s", out)
	}
	text := prints(t, dir, "storage search --index index --queries query.bvecs --cached")
	if !strings.Contains(text, "10 queries in ") || !strings.Contains(text, "expected recall 0.9") || !strings.Contains(text, "page cache") {
		t.Error(text)
	}
}

// Wrong flags and files are errors that name them, with the exit status of other commands.
func TestStorageErrors(t *testing.T) {
	dir := vectorsFolder(t)
	prints(t, dir, buildArgs)
	search, study := "storage search --index index --queries query.bvecs ", "storage study --embeddings base.bvecs --out o "
	for args, want := range map[string]struct {
		status int
		says   string
	}{
		"storage":                                  {2, "usage: anncapacity storage <command>"},
		"storage nonsense":                         {2, `unknown command "nonsense" of storage`},
		"storage help":                             {0, ""},
		"storage -h":                               {0, ""},
		"storage search -h":                        {0, ""},
		"storage search --nonsense":                {2, "nonsense"},
		"storage search --index index":             {1, "-queries is required"},
		"storage build --embeddings base.bvecs":    {1, "-learn is required"},
		search + "--k 0":                           {1, "-k 0: must be at least 1"},
		search + "--k 601":                         {1, "k = 601"},
		search + "--k 11":                          {1, "not calibrated for k = 11"},
		search + "--recall 1.5":                    {1, "-recall 1.5"},
		search + "--recall NaN":                    {1, "-recall NaN"},
		buildArgs:                                  {1, "set -replace"},
		buildArgs + " --replace --memory -1":       {1, "-memory -1"},
		buildArgs + " --replace --clusters -1":     {1, "-clusters -1"},
		buildArgs + " --replace --ks 0":            {1, "-ks 0"},
		buildArgs + " --replace --way none":        {1, `unknown way "none"`},
		buildArgs + " --replace --learn none.npy":  {1, "none.npy"},
		buildArgs + " --replace --clusters 601":    {1, "601"},
		"advise":                                   {1, "-embeddings or -storage is required"},
		"storage search --index . --queries q.npy": {1, "not a complete index"},
		"storage study --embeddings base.bvecs --learn learn.bvecs --queries query.bvecs --out o --profile huge": {1, `unknown profile "huge"`},
		study + "--queries query.bvecs":                   {1, "-learn is required"},
		study + "--split 300,200,100 --learn learn.bvecs": {1, "leave out -learn"},
		study + "--split 300,200":                         {1, "-split 300,200: must be three numbers"},
		study + "--split 300,200,101":                     {1, "base.bvecs: storage: 600 vectors are too few"},
	} {
		cmd, stderr := program(t, dir, strings.Fields(args)...)
		_ = cmd.Run() // the exit status is compared below
		if got := cmd.ProcessState.ExitCode(); got != want.status || !strings.Contains(stderr.String(), want.says) {
			t.Errorf("%q: exit status %d, want %d and %q\n%s", args, got, want.status, want.says, stderr)
		}
	}
	if out := prints(t, dir, search); !strings.Contains(out, "10 queries") {
		t.Errorf("after the errors: %s", out)
	}
}

// A folder of the study that holds a table of another program is not written to, whatever the profile.
func TestStorageStudyKeepsFiles(t *testing.T) {
	dir := vectorsFolder(t)
	for profile, name := range map[string]string{"quick": study.RowsFile, "networks": study.NetworksFile} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine\n1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		before := snapshot(t, dir)
		cmd, stderr := program(t, dir, strings.Fields("storage study --embeddings base.bvecs --learn learn.bvecs --queries query.bvecs --out . --profile "+profile)...)
		if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), name) {
			t.Errorf("%s: %v: %s", profile, err, stderr)
		}
		if after := snapshot(t, dir); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
	}
}

// The error of an interrupted command below storage says what that command keeps.
func TestStorageInterrupted(t *testing.T) {
	dir := vectorsFolder(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range storageCommands {
		args := []string{"storage", c.name}
		for _, flag := range [][2]string{{"embeddings", "base.bvecs"}, {"learn", "learn.bvecs"}, {"queries", "query.bvecs"}, {"out", "out"}} {
			if c.name == "search" || c.name == "build" && flag[0] == "queries" {
				continue
			}
			args = append(args, "-"+flag[0], filepath.Join(dir, flag[1]))
		}
		if c.name == "search" {
			prints(t, dir, buildArgs)
			args = append(args, "-index", filepath.Join(dir, "index"), "-queries", filepath.Join(dir, "query.bvecs"))
		}
		err := dispatch(ctx, commands(nil, Drivers{}), args)
		if want := "storage " + c.name + ": interrupted; " + c.stopped; !errors.Is(err, context.Canceled) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// advise -storage prints the advice of the rows in a folder, as text or as JSON.
func TestAdviseStorage(t *testing.T) {
	dir := t.TempDir()
	var rows []study.Row
	for _, memory := range []float64{4, 16} {
		rows = append(rows, study.Row{
			Data: "SIFT", Way: "kmeans", Base: 1000, Budget: memory, Memory: memory, Test: study.OtherPhotographs, Units: 9, Rule: "fixed", K: 10, Recall: .95,
			Vectors: 800 / memory, Bytes: 40960 / memory, Reads: 2,
		})
	}
	_, err := output(t, "--storage", dir)
	testkit.WantMentions(t, "no table", err, filepath.Join(dir, study.RowsFile), "storage study")
	if err := table.WriteRows(filepath.Join(dir, study.RowsFile), rows); err != nil {
		t.Fatal(err)
	}
	text, err := output(t, "--storage", dir)
	if err != nil || !strings.Contains(text, "SIFT: 1,000 base vectors; wanted: recall@10 of 0.95 ") || !strings.Contains(text, "storage build --way kmeans --memory 16 ") {
		t.Errorf("%v\n%s", err, text)
	}
	text, err = output(t, "--storage", dir, "--memory", "0.00001", "--recall", "0.93", "--json")
	var a study.Advice
	if err := errors.Join(err, json.Unmarshal([]byte(text), &a)); err != nil || a.Best.Budget != 4 || a.More == nil || a.More.Budget != 16 {
		t.Errorf("%v\n%s", err, text)
	}
	for args, says := range map[string]string{"--k 7": "k = 7", "--recall 0.99": "0.99", "--recall 2": "-recall 2", "--m 3": "-m", "--embeddings e.npy": "-embeddings", "--k 0": "-k 0"} {
		_, err := output(t, append([]string{"--storage", dir}, strings.Fields(args)...)...)
		testkit.WantMentions(t, args, err, says)
	}
	if err := os.WriteFile(filepath.Join(dir, study.DiskFile), []byte("other\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = output(t, "--storage", dir)
	testkit.WantMentions(t, "a foreign table", err, study.DiskFile)
}
