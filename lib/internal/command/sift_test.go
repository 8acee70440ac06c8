package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/checkout"
)

// The command writes the four files into a new folder and says what they hold. (The program of the test is not in the checkout:
// the working directory finds OpenCV.)
func TestSiftWritesSets(t *testing.T) {
	if _, err := checkout.Installed("sift/bin/python"); err != nil {
		t.Skip("not checked: OpenCV is not installed: run `make sift`")
	}
	out := filepath.Join(t.TempDir(), "new", "sets")
	args := strings.Fields("sift --dataset generated --images 40 --base 60 --learn 50 --queries 10 --out " + out)
	for range 2 {
		cmd, stderr := program(t, ".", args...)
		printed, err := cmd.Output()
		if err != nil || string(printed) != "60 base, 50 learn and 10 query vectors of 128 dimensions in "+out+"\n" {
			t.Fatalf("%s%v: %s", printed, err, stderr)
		}
	}
	for name, n := range map[string]int{"base": 60, "learn": 50, "query": 10} {
		v, err := embedding.Open(filepath.Join(out, name+".bvecs"))
		if err != nil || v.N != n || v.D != 128 {
			t.Errorf("%s: %d × %d, %v", name, v.N, v.D, err)
		}
	}
}

func TestSiftKeepsFilesOfOthers(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "base.bvecs"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	cmd, stderr := program(t, ".", "sift", "--dataset", "generated", "--out", dir)
	if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), "base.bvecs exists, but not by this program") {
		t.Errorf("%v: %s", err, stderr)
	}
	if after := snapshot(t, dir); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}
