// Package sidetest tests that the process of an engine that runs in a side process ends in every case.
package sidetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
)

// process is implemented by *side.Index and by adapters that embed it.
type process interface{ PID() int }

const role = "SIDETEST_PARENT"

// Run tests e, whose indexes share a process. It ends the process of e during a query, by cancelling a build and by killing the
// process's parent, which is the test binary itself, run anew for the test of that name. long takes seconds to answer for 150
// neighbours. Run skips the test if e is not available.
func Run(t *testing.T, e engine.Engine, long ann.Vectors) {
	t.Helper()
	Ended(t, e, long)
	t.Run("cancelled", func(t *testing.T) { cancelled(t, e) })
}

// Ended is Run without cancelling a build, for an engine each of whose indexes has a process of its own.
func Ended(t *testing.T, e engine.Engine, long ann.Vectors) {
	t.Helper()
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	if os.Getenv(role) != "" {
		parent(t, e)
	}
	t.Run("killed", func(t *testing.T) { killed(t, e, long) })
	t.Run("parent killed", func(t *testing.T) { parentKilled(t, strings.Split(t.Name(), "/")[0]) })
}

// killed kills the process during a batch. The error names the engine, and Close leaves nothing behind.
func killed(t *testing.T, e engine.Engine, long ann.Vectors) {
	x := enginetest.Build(t, e, enginetest.Gaussian(200, long.D, 1), engine.Options{Metric: e.Metrics[0]})
	pid := pidOf(x)
	folder := folderOf(t, pid)
	time.AfterFunc(200*time.Millisecond, func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	_, err := x.AskBatch(t.Context(), long, 150)
	if err == nil || !strings.HasPrefix(err.Error(), e.Name+": ") || !strings.Contains(err.Error(), "killed") {
		t.Errorf("after SIGKILL: %v", err)
	}
	if _, again := x.Ask(t.Context(), long.Row(0), 5); again == nil || !strings.Contains(again.Error(), "killed") {
		t.Errorf("asked again: %v", again)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	gone(t, pid, folder)
}

// cancelled stops a build, and with it the process. The next build starts another.
func cancelled(t *testing.T, e engine.Engine) {
	x := enginetest.Build(t, e, enginetest.Gaussian(200, 8, 1), engine.Options{Metric: e.Metrics[0]})
	pid := pidOf(x)
	folder := folderOf(t, pid)
	long := enginetest.Gaussian(20000, 64, 3)
	// A context that ends before the build starts does not end the process.
	for limit := 100 * time.Millisecond; runs(pid); limit *= 2 {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		_, err := e.Build(ctx, long, engine.Options{Dir: t.TempDir(), Metric: e.Metrics[0]})
		if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), e.Name+": ") {
			t.Fatalf("build stopped after %v: %v", limit, err)
		}
	}
	next := enginetest.Build(t, e, enginetest.Gaussian(200, 8, 1), engine.Options{Metric: e.Metrics[0]})
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	gone(t, pid, folder)
	if _, err := next.Ask(t.Context(), make([]float32, 8), 5); err != nil {
		t.Errorf("the next process: %v", err)
	}
}

// parent opens an index, writes the ID of its process and waits to be killed.
func parent(t *testing.T, e engine.Engine) {
	x := enginetest.Build(t, e, enginetest.Gaussian(200, 8, 1), engine.Options{Metric: e.Metrics[0]})
	fmt.Printf("side process %d\n", pidOf(x))
	time.Sleep(time.Minute)
}

func parentKilled(t *testing.T, test string) {
	folder := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), role+"=1", "TMPDIR="+folder)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	_ = cmd.Process.Kill()
	pid, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(line), "side process "))
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	_ = cmd.Wait()
	for deadline := time.Now().Add(10 * time.Second); runs(pid) && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	if runs(pid) {
		t.Errorf("process %d is an orphan", pid)
	}
}

func pidOf(x engine.Index) int { return engine.Unwrap(x).(process).PID() }

func folderOf(t *testing.T, pid int) string {
	t.Helper()
	folder, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// runs reports whether a process exists and is not a zombie.
func runs(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func gone(t *testing.T, pid int, folder string) {
	t.Helper()
	if runs(pid) {
		t.Errorf("process %d runs", pid)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", folder, err)
	}
}

// Empty fails the test if the folder is not empty.
func Empty(t *testing.T, folder string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
