package spark

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/process"
)

// build builds the command anncapacity with Spark's client, which is its worker, too. It finds XLA's plugin in .local beside it.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	plugin, err := checkout.Installed("pjrt_cpu_plugin.so")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(plugin), filepath.Join(dir, ".local")); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "anncapacity")
	cmd := exec.Command("go", "build", "-C", "../../cmd/allengines", "-tags", "noduckdb", "-o", program, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// exactOnSpark runs the command scale exact on the cluster and returns what it printed; out is the file that it writes. The work folder
// is that of the job. while is called as the command runs, with the folder of results.
func (j *job) exactOnSpark(t *testing.T, c *cluster, program string, while func(results string)) (out, printed string) {
	t.Helper()
	dir := t.TempDir()
	work := filepath.Join(dir, "work")
	out = filepath.Join(dir, "truth.ivecs")
	cmd := exec.Command(program, "scale", "exact", "--embeddings", filepath.Join(j.folder, "base"), "--queries", "all", "--k", "20",
		"--query-block", "60", "--parts", "1", "--workers", "10", "--runner", "spark", "--remote", c.remote, "--program", program,
		"--work", work, "--out", out)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	while(filepath.Join(work, "results"))
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, &text)
	}
	return out, text.String()
}

// testCommand checks the command and its worker scale task as users start them.
func testCommand(t *testing.T, c *cluster, j *job) {
	out, printed := j.exactOnSpark(t, c, build(t), func(string) {})
	j.checkBytes(t, out)
	if want := "10 tasks: 10 computed by this run"; !strings.Contains(printed, want) {
		t.Errorf("there is no %q in\n%s", want, printed)
	}
}

// testKilledExecutor kills an executor, and not its worker, when some results are stored.
func testKilledExecutor(t *testing.T, c *cluster, j *job) {
	killed := 0
	out, printed := j.exactOnSpark(t, c, build(t), func(results string) {
		for deadline := time.Now().Add(time.Minute); killed == 0 && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			if all, _ := os.ReadDir(results); len(all) < 2 {
				continue
			}
			if killed = c.busyExecutor(t); killed != 0 {
				if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
					t.Error(err)
				}
			}
		}
	})
	j.checkBytes(t, out)
	if want := "10 tasks: 10 computed by this run"; killed == 0 || !strings.Contains(printed, want) {
		t.Errorf("executor %d was killed; there is no %q in\n%s", killed, want, printed)
	}
}

// busyExecutor returns the ID of an executor that has started the process of a task, or 0.
func (c *cluster) busyExecutor(t *testing.T) int {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		text, _ := os.ReadFile(path)
		if !bytes.Contains(text, []byte("scale\x00task\x00")) {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		if err != nil {
			t.Fatal(fmt.Errorf("%s: %w", path, err))
		}
		executor := parent(pid)
		if slices.ContainsFunc(c.workers, func(p *process.Process) bool { return p.PID() == parent(executor) }) {
			return executor
		}
	}
	return 0
}
