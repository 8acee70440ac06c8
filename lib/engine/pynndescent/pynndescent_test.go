package pynndescent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
)

// The whole test uses one process, which compiles for a minute or more.
func TestEngine(t *testing.T) {
	e := Engines()[0]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	kept := enginetest.Build(t, e, enginetest.Gaussian(200, 8, 1), engine.Options{})
	enginetest.Run(t, e, enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .7, ann.Cosine: .7, ann.InnerProduct: .7},
		Beyond: enginetest.Full,
	})
	t.Run("empty slots", func(t *testing.T) { emptySlots(t, kept) })
	t.Run("killed", func(t *testing.T) { killed(t, kept) })
	t.Run("cancelled", cancelled)
}

// An empty slot has the ID of a real point, as documented. This test fails for a release without that defect.
func emptySlots(t *testing.T, x engine.Index) {
	a, err := x.Ask(t.Context(), make([]float32, 8), 220)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.IDs) != 220 || a.IDs[219] < 0 || a.Distances[219] < 1e30 {
		t.Errorf("slot 219 of 200 points: ID %d at %v of %d slots", a.IDs[219], a.Distances[219], len(a.IDs))
	}
}

// If the process is killed during a batch, the error names the engine, and nothing is left behind.
func killed(t *testing.T, x engine.Index) {
	s := engine.Unwrap(x).(*index).server
	folder := folderOf(t, s)
	time.AfterFunc(200*time.Millisecond, func() { _ = syscall.Kill(s.process.PID(), syscall.SIGKILL) })
	_, err := x.AskBatch(t.Context(), enginetest.Gaussian(200000, 8, 2), 150) // for several seconds
	if err == nil || !strings.HasPrefix(err.Error(), "PyNNDescent: ") || !strings.Contains(err.Error(), "killed") {
		t.Errorf("after SIGKILL: %v", err)
	}
	if _, again := x.Ask(t.Context(), make([]float32, 8), 5); again == nil || !strings.Contains(again.Error(), "killed") {
		t.Errorf("asked again: %v", again)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	gone(t, s, folder)
}

// Cancelling stops a build and the process.
func cancelled(t *testing.T) {
	s, err := acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	folder := folderOf(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = Engines()[0].Build(ctx, enginetest.Gaussian(5000, 16, 3), engine.Options{})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "PyNNDescent: ") {
		t.Errorf("stopped build: %v", err)
	}
	if err := s.release(); err != nil {
		t.Error(err)
	}
	gone(t, s, folder)
}

func folderOf(t *testing.T, s *server) string {
	t.Helper()
	folder, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", s.process.PID()))
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func gone(t *testing.T, s *server, folder string) {
	t.Helper()
	if err := syscall.Kill(s.process.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d: %v", s.process.PID(), err)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", folder, err)
	}
}
