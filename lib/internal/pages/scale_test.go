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
func scalesExact(t *testing.T, command string) {
	anncapacity(t, command)
	distances, err := embedding.Open("truth.fvecs")
	if err != nil || distances.N != 520 || distances.D != 100 {
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

// asksForSpark checks that the program without Spark's client names what has it.
func asksForSpark(t *testing.T, command string) {
	out, err := exec.Command("bash", "-c", strings.NewReplacer("s3://bucket/base", "e.npy", "s3://bucket/work", "work", "--k 1000", "--k 10").Replace(command)).CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("make cloud builds bin/anncapacity with it")) {
		t.Errorf("%v\n%s", err, out)
	}
}
