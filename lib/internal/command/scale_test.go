package command

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/testkit"
)

// The files of scale exact are those of exact. The plan is printed first; a second run computes nothing; merge writes the files again.
func TestScaleExact(t *testing.T) {
	vectors, dir := sampleFile(t), t.TempDir()
	run := func(says string, args ...string) string {
		t.Helper()
		cmd, log := program(t, dir, args...)
		out, err := cmd.Output()
		if text := string(out) + log.String(); err != nil || !strings.Contains(text, says) {
			t.Fatalf("%q: %v: %s, want %q", args, err, text, says)
		}
		return string(out)
	}
	if err := os.Symlink(filepath.Join(testkit.Root(t), ".local"), filepath.Join(dir, ".local")); err != nil { // XLA's plugin
		t.Fatal(err)
	}
	run("", "exact", "--embeddings", vectors, "--queries", vectors, "--k", "5", "--out", "want.ivecs")
	question := []string{"--embeddings", vectors, "--queries", vectors, "--k", "5", "--work", "work", "--workers", "2", "--query-block", "100"}
	if out := run("tasks", append([]string{"scale", "plan"}, question...)...); !strings.Contains(out, "results of 0 tasks are stored") || !strings.Contains(out, " for what is missing, ") {
		t.Error(out)
	}
	run("the plan is stored in work\n", append([]string{"scale", "plan"}, question...)...)
	otherPlans(t, dir, question[:4])
	run("array=0-1", "scale", "manifest", "--slurm", "--workers", "2", "--work", filepath.Join(dir, "work"))
	run("FLOP", append([]string{"scale", "exact", "--out", "out/truth.ivecs"}, question...)...)
	again := append(slices.Clone(question[:len(question)-1]), "90", "--parts", "1", "--out", "again.ivecs")
	run("-query-block 90: not used: the plan in work has 100", append([]string{"scale", "plan"}, again[:len(again)-2]...)...)
	run("-query-block 90: not used: the plan in work has 100", append([]string{"scale", "exact"}, again...)...)
	run(" 0 computed by this run", append([]string{"scale", "exact", "--out", "again.ivecs"}, question...)...)
	run("tasks", "scale", "merge", "--work", "work", "--out", "merged.ivecs")
	run(" 0 are missing", "scale", "plan", "--work", "work")
	for i, path := range embedding.NeighborOutputs(filepath.Join(dir, "want.ivecs")) {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"out/truth.ivecs", "again.ivecs", "merged.ivecs"} {
			if got, err := os.ReadFile(embedding.NeighborOutputs(filepath.Join(dir, name))[i]); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s is not that of exact (%v)", name, err)
			}
		}
	}
	mergeDamaged(t, dir)
}

// otherPlans checks what plan says about a job of another k, and task about a folder without a plan, which it does not create.
func otherPlans(t *testing.T, dir string, vectors []string) {
	t.Helper()
	for says, args := range map[string][]string{
		"exact.k is 5 there and 6 here":                                       append([]string{"plan", "--work", "work", "--k", "6"}, vectors...),
		"make the plan first, with anncapacity scale plan -work new and -emb": {"task", "--work", "new"},
	} {
		cmd, log := program(t, dir, append([]string{"scale"}, args...)...)
		if err := cmd.Run(); err == nil || !strings.Contains(log.String(), says) {
			t.Errorf("scale %q: %v: %s", args, err, log)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
		t.Error("the folder new was created for a task without a plan")
	}
}

// mergeDamaged checks what merge says when a result is damaged and when one is missing.
func mergeDamaged(t *testing.T, dir string) {
	t.Helper()
	results, err := filepath.Glob(filepath.Join(dir, "work", "results", "*"))
	if err != nil || len(results) < 2 {
		t.Fatal(results, err)
	}
	if err := os.WriteFile(results[0], nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	merge := func() error {
		return scaleMergeCommand(t.Context(), []string{"--work", "work", "--out", "merged.ivecs"})
	}
	testkit.WantMentions(t, "a damaged result", merge(), "work: ", "run the command scale exact of this folder again, which computes")
	if err := os.Remove(results[1]); err != nil {
		t.Fatal(err)
	}
	testkit.WantMentions(t, "a missing result", merge(), "are missing, such as exact-", "run the command scale exact of this folder again")
}

func TestScaleErrors(t *testing.T) {
	vectors, dir := sampleFile(t), t.TempDir()
	t.Chdir(dir)
	for command, says := range map[string]string{
		"exact --embeddings " + vectors + " --out t.ivecs":                             "-work is required",
		"exact --embeddings " + vectors + " --out t.npy --work w":                      "must end in .ivecs",
		"exact --embeddings " + vectors + " --out t.ivecs --work w --runner x":         "want local, indexed or spark",
		"exact --embeddings " + vectors + " --out t.ivecs --work w --runner spark":     "make cloud builds bin/anncapacity with it",
		"exact --embeddings " + vectors + " --out t.ivecs --work w --workers 0":        "at least 1",
		"exact --embeddings " + vectors + " --out t.ivecs --work w --k 0":              "at least 1",
		"exact --embeddings " + vectors + " --out t.ivecs --work w --k 5 --queries -5": "-5 queries: want 1 to",
		"plan":                                   "want -embeddings",
		"task":                                   "-work is required",
		"task --work w --index 1":                "names of tasks, or -workers",
		"merge --work w":                         "-out is required",
		"embed --dataset x --work w":             "-weights is required",
		"merge --work " + dir + " --out t.ivecs": "plan.json",
	} {
		err := dispatch(t.Context(), commands(nil, Drivers{}), append([]string{"scale"}, strings.Fields(command)...))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("scale %s: %v, want %q", command, err, says)
		}
	}
}
