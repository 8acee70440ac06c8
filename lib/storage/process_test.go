package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/postings"
)

// Environment variables that make the test program build or search an index.
const (
	buildEnv  = "STORAGE_TEST_BUILD"  // the way and the folder, separated by a space
	killEnv   = "STORAGE_TEST_KILL"   // number of the message of progress at which the program kills itself
	searchEnv = "STORAGE_TEST_SEARCH" // folder of the index
)

func TestMain(m *testing.M) {
	var err error
	if way, folder, ok := strings.Cut(os.Getenv(buildEnv), " "); ok {
		err = buildInProcess(way, folder)
	} else if folder := os.Getenv(searchEnv); folder != "" {
		err = searchInProcess(folder)
	} else {
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// process returns the test program with an environment variable, run by a shell after a command, such as ulimit.
func process(before string, env ...string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", before+` exec "$0"`, os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// messages counts the messages of progress, the first of every bar and of every change, and kills the program at one of them.
type messages struct{ n, kill int }

func (m *messages) Write(p []byte) (int, error) {
	if m.n++; m.n == m.kill {
		return 0, syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	return len(p), nil
}

// processOptions returns the options of an index of the way in the folder. It has three calibrated k, each with a message.
func processOptions(way, folder string) Options {
	return Options{
		Base: clustered(2000, dimensions, false, 1), Learn: clustered(500, dimensions, false, 2), Out: folder,
		Way: way, Clusters: 40, Epochs: 1, Seed: 7, Ks: []int{1, 2, 3}, Replace: true,
	}
}

// buildInProcess builds an index and prints the number of messages.
func buildInProcess(way, folder string) error {
	m := new(messages)
	m.kill, _ = strconv.Atoi(os.Getenv(killEnv)) // 0 without it
	o := processOptions(way, folder)
	o.Progress = m
	_, err := Build(context.Background(), o)
	fmt.Println(m.n)
	return err
}

// After kill -9 at any message of progress the next build gives the bytes of one that was not interrupted, and leaves nothing else.
func TestKill(t *testing.T) {
	for _, way := range []string{"kmeans", "router"} {
		dir := t.TempDir()
		whole, killed := filepath.Join(dir, "whole"), filepath.Join(dir, "killed")
		out, err := process("", buildEnv+"="+way+" "+whole).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(out)))
		if err != nil || n < 6 {
			t.Fatalf("%s: %q messages", way, out)
		}
		for _, at := range []int{2, n / 2, n - 1} {
			cmd := process("", buildEnv+"="+way+" "+killed, killEnv+"="+strconv.Itoa(at))
			out, err := cmd.CombinedOutput()
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() {
				t.Skipf("%s: message %d of %d did not come: %v %s", way, at, n, err, out)
			}
			if _, err := Open(killed, postings.Options{}); err == nil {
				t.Errorf("%s: an index after %d of %d messages", way, at, n)
			}
		}
		built(t, processOptions(way, killed))
		wantFiles(t, way, killed, files(t, whole))
	}
}

// A build that is killed while the files are written leaves temporary files, which the next build removes. A build that is killed
// while the files are moved leaves some in each folder.
func TestKillAtTheEnd(t *testing.T) {
	o := options(t, false)
	built(t, o)
	whole := files(t, o.Out)
	names := []string{vectorsFile, orderFile, indexFile}
	stage := filepath.Join(o.Out, stageFolder)
	for moved := range len(names) {
		if err := os.MkdirAll(stage, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range names[moved:] {
			if err := os.Rename(filepath.Join(o.Out, name), filepath.Join(stage, name)); err != nil {
				t.Fatal(err)
			}
		}
		write(t, filepath.Join(stage, ".vectors.bin.123"), "temporary")
		_, err := Open(o.Out, postings.Options{})
		testkit.WantMentions(t, "not complete", err, o.Out, "not a complete index", "storage build")
		built(t, o)
		wantFiles(t, fmt.Sprint("after ", moved, " moves"), o.Out, whole)
	}
}

// A cancelled build keeps an index that was to be replaced.
func TestCancel(t *testing.T) {
	o := options(t, false)
	built(t, o)
	whole := files(t, o.Out)
	o.Seed++
	o.Replace = true
	for _, at := range []int{1, 2, 3, 4} {
		ctx, cancel := context.WithCancel(context.Background())
		o.Progress = &cancelling{at: at, cancel: cancel}
		_, err := Build(ctx, o)
		cancel()
		if err == nil {
			t.Errorf("cancelled at message %d: no error", at)
		}
		wantFiles(t, fmt.Sprint("cancelled at message ", at), o.Out, whole)
	}
}

// cancelling cancels a context at a message.
type cancelling struct {
	n, at  int
	cancel func()
}

func (c *cancelling) Write(p []byte) (int, error) {
	if c.n++; c.n == c.at {
		c.cancel()
	}
	return len(p), nil
}

// If the disk is full, a build fails, says at which file, and keeps the index that was to be replaced.
func TestFullDisk(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "index")
	built(t, processOptions("kmeans", folder))
	whole := files(t, folder)
	for _, blocks := range []int{16, 1} { // of 512 or 1,024 bytes; vectors.bin has 160 kB
		out, err := process(fmt.Sprintf("ulimit -f %d &&", blocks), buildEnv+"=balanced "+folder).CombinedOutput()
		if err == nil || !strings.Contains(string(out), vectorsFile) {
			t.Errorf("%d blocks: %v: %s", blocks, err, out)
		}
		wantFiles(t, "full disk", folder, whole)
	}
	if err := readAll(folder); err != nil {
		t.Error(err)
	}
}

const (
	largeEnv = "ANNCAPACITY_LARGE"
	largeN   = 1_000_000
	mostRSS  = 256_000_000
)

// searched is what searchInProcess prints.
type searched struct {
	Found   *Found
	RSS     int64 // maximum, in kB
	Queries int
}

// searchInProcess searches for 1,000 random queries, 10 neighbours each, and prints the result.
func searchInProcess(folder string) error {
	x, err := Open(folder, postings.Options{})
	if err != nil {
		return err
	}
	defer x.Close()
	queries := clustered(1000, x.D, false, 5)
	s := searched{Queries: queries.N}
	if s.Found, err = x.SearchAll(context.Background(), queries, SearchOptions{K: 10, Recall: 1}); err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, most, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(most, &s.RSS); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}
