package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/scale"
)

// planned returns a work folder with a plan of three tasks, each of which holds 4 · 1000 bytes for queries and more for the base.
func planned(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "work")
	work, err := scale.CreateWork(t.Context(), folder, &scale.Plan{Version: scale.Version, Kind: scale.KindExact, Exact: &scale.Exact{
		Base: scale.Data{Location: "base", Rows: 300, Dim: 10, Bytes: 12000, Fingerprint: "f"}, K: 5, Metric: "l2", QueryBlock: 100, BaseBlock: 50, Parts: 1,
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := work.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestScaleManifest(t *testing.T) {
	folder := planned(t)
	for name, c := range map[string]struct {
		args string
		want []string
	}{
		"slurm":      {"-slurm -workers 2 -time 90m -work " + folder, []string{"--array=0-1\n", "--mem=513M\n", "--time=90\n", "anncapacity scale task --work " + folder + " --workers 2"}},
		"few tasks":  {"-slurm -workers 9 -work " + folder, []string{"--array=0-2\n", "--workers 3"}},
		"memory":     {"-slurm -memory 2048 -work /elsewhere", []string{"--mem=2048M\n"}},
		"kubernetes": {"-kubernetes -workers 2 -image i -env A=b -mount claim:/ -work " + folder, []string{"completions: 2\n", "memory: 513Mi\n", "claimName: \"claim\"", "value: \"b\""}},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := printed(t, func() error { return scaleManifestCommand(t.Context(), strings.Fields(c.args)) })
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("there is no %q in\n%s", want, out)
				}
			}
		})
	}
	for args, want := range map[string]string{
		"-work /w":                         "either -kubernetes or -slurm",
		"-kubernetes -slurm -work /w":      "either -kubernetes or -slurm",
		"-slurm":                           "-work is required",
		"-slurm -workers 0 -work /w":       "workers",
		"-slurm -work " + t.TempDir():      "make the plan first, with anncapacity scale plan -work ",
		"-kubernetes -memory 100 -work /w": "needs a container image",
		"-kubernetes -memory 100 -image i -mount x -work /w":   "-mount x: want CLAIM:FOLDER",
		"-kubernetes -memory 100 -image i -mount x:y -work /w": "volume x:y",
		"-slurm -env A -work w2":                               "environment variable \"A\": want NAME=VALUE\nwork folder w2: want a URL or an absolute path",
	} {
		if err := scaleManifestCommand(t.Context(), strings.Fields(args)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
	}
}

// printed returns what f prints on standard output.
func printed(t *testing.T, f func() error) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stdout := os.Stdout
	os.Stdout = file
	err = f()
	os.Stdout = stdout
	text, failed := os.ReadFile(path)
	if failed != nil {
		t.Fatal(failed)
	}
	return string(text), err
}
