package resnet50

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// killedEnv is an environment variable. If it is set, the test program embeds a dataset with the cache in the folder that
// the variable names, until it is killed.
const killedEnv = "RESNET50_TEST_KILLED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedEnv); dir != "" {
		o, err := options(dir)
		if err == nil {
			Embed(context.Background(), o)
		}
		os.Exit(3) // it should have been killed
	}
	os.Exit(m.Run())
}

// cancelAfter is a writer of progress that calls cancel at the given number of writes.
type cancelAfter struct {
	batches int
	cancel  context.CancelFunc
}

func (c *cancelAfter) Write(p []byte) (int, error) {
	if c.batches--; c.batches == 0 {
		c.cancel()
	}
	return len(p), nil
}

// TestInterrupted kills a job, cancels the next, completes a third, damages the cache, and runs the job once more. The
// embeddings must equal those of an uninterrupted job.
func TestInterrupted(t *testing.T) {
	want := mustEmbed(t, mustOptions(t))
	o := mustOptions(t)
	kill(t, o.CacheDir)
	killed := records(t, o)
	if killed < testBatch || killed > testImages-2*testBatch {
		t.Fatalf("a job that was killed after its first batch of %d images left %d embeddings", testBatch, killed)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stopped := o
	stopped.Progress = &cancelAfter{batches: 2, cancel: cancel} // a line, one batch
	if _, err := Embed(ctx, stopped); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
	if n := records(t, o); n < killed+testBatch || n >= testImages {
		t.Errorf("the cache holds %d embeddings after a job that was cancelled after one batch, and held %d before it", n, killed)
	}
	checkSame(t, mustEmbed(t, o), want)
	damage(t, cacheFile(t, o))
	var progress bytes.Buffer
	o.Progress = &progress
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	checkSame(t, mustEmbed(t, o), want)
	if text := "16 of 18 images are in the cache"; !strings.Contains(progress.String(), text) {
		t.Errorf("progress %q, want %q: one record is damaged, one is truncated", progress.String(), text)
	}
}

// kill starts a process that embeds and kills it when its cache holds the first batch.
func kill(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killedEnv+"="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		files, _ := filepath.Glob(filepath.Join(dir, "*.embeddings"))
		if len(files) == 0 {
			continue
		}
		if info, err := os.Stat(files[0]); err == nil && info.Size() >= int64(headerSize+testBatch*recordSize) {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("the process ended by itself: %v", err)
	}
}

// damage flips a bit in the middle of the first record and truncates the last.
func damage(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[headerSize+recordSize/2] ^= 1
	if err := os.WriteFile(path, content[:len(content)-100], 0o600); err != nil {
		t.Fatal(err)
	}
}
