package pages

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"anncapacity/lib/embedding"
)

// printsPlan checks that a plan changes nothing.
func printsPlan(t *testing.T, command string) {
	before := len(entries(t))
	if anncapacity(t, command); len(entries(t)) != before {
		t.Error("scale plan wrote a file")
	}
}

func entries(t *testing.T) []os.DirEntry {
	t.Helper()
	all, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// scalesExact finds neighbours of all 520 vectors: there are fewer than the sample that is the default.
func scalesExact(t *testing.T, command string) { scalesTo(t, command, 100) }

func scalesTo(t *testing.T, command string, k int) {
	t.Helper()
	anncapacity(t, command)
	distances, err := embedding.Open("truth.fvecs")
	if err != nil || distances.N != 520 || distances.D != k {
		t.Errorf("%d × %d distances (%v)", distances.N, distances.D, err)
	}
}

func scalesEmbed(t *testing.T, command string) {
	anncapacity(t, command, "imagenet1k_v2", "untrained --batch 8")
	if v, err := embedding.Open("photos.npy"); err != nil || v.D != 2048 {
		t.Errorf("%d × %d embeddings (%v)", v.N, v.D, err)
	}
}

// printsManifest prints a manifest for workers of a given size, without a plan.
func printsManifest(t *testing.T, command string) { anncapacity(t, command+" --memory 2048") }

// onFiles replaces the buckets of a command by the embeddings of the test and a folder, and asks for fewer neighbours.
func onFiles(command string) string {
	return strings.NewReplacer("s3://bucket/base", "e.npy", "s3://bucket/work", "work-array", "--k 1000", "--k 10", "--workers 100", "--workers 2").Replace(command)
}

// storesPlan checks that the plan is found by what needs one.
func storesPlan(t *testing.T, command string) {
	anncapacity(t, onFiles(command))
	anncapacity(t, "bin/anncapacity scale manifest --slurm --workers 2 --work \"$PWD/work-array\"")
}

// waitsForWorkers starts the workers of the plan that is stored before it, and merges their results.
func waitsForWorkers(t *testing.T, command string) {
	for _, index := range []string{"0", "1"} {
		anncapacity(t, "bin/anncapacity scale task --work work-array --workers 2 --index "+index)
	}
	scalesTo(t, onFiles(command), 10)
}

// asksForSpark checks that the program without Spark's client names what has it.
func asksForSpark(t *testing.T, command string) {
	out, err := exec.Command("bash", "-c", onFiles(command)).CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("make cloud builds bin/anncapacity with it")) {
		t.Errorf("%v\n%s", err, out)
	}
}
