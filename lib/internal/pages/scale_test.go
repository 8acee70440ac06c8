package pages

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// printsManifest prints a manifest for workers of a given size, without a plan.
func printsManifest(t *testing.T, command string) { anncapacity(t, command+" --memory 2048") }

// asksForSpark checks that the program without Spark's client names what has it.
func asksForSpark(t *testing.T, command string) {
	out, err := exec.Command("bash", "-c", strings.NewReplacer("s3://bucket/base", "e.npy", "s3://bucket/work", "work", "--k 1000", "--k 10").Replace(command)).CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("make engines builds it")) {
		t.Errorf("%v\n%s", err, out)
	}
}
