package pynndescent

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
)

// One process serves the whole test: it compiles for a minute or more.
func TestEngine(t *testing.T) {
	e := Engine()
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	kept := enginetest.Build(t, e, enginetest.Gaussian(200, 8, 1), engine.Options{})
	enginetest.Run(t, e, enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .7, ann.Cosine: .7, ann.InnerProduct: .7},
		Beyond: enginetest.Full,
	})
	t.Run("empty slots", func(t *testing.T) { emptySlots(t, kept) })
	t.Run("killed", func(t *testing.T) { killed(t, kept.(*index)) })
}

// The documented disguise of an empty slot: a repaired release must fail here.
func emptySlots(t *testing.T, x engine.Index) {
	a, err := x.Ask(t.Context(), make([]float32, 8), 220)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.IDs) != 220 || a.IDs[219] < 0 || a.Distances[219] < 1e30 {
		t.Errorf("slot 219 of 200 points: ID %d at %v of %d slots", a.IDs[219], a.Distances[219], len(a.IDs))
	}
}

// A killed process is an error that names the engine and what the process wrote last; it leaves nothing behind.
func killed(t *testing.T, x *index) {
	s := x.server
	folder, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", s.process.PID()))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(s.process.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_, err = x.Ask(t.Context(), make([]float32, 8), 5)
	if err == nil || !strings.HasPrefix(err.Error(), name) || !strings.Contains(err.Error(), "killed") {
		t.Errorf("after SIGKILL: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", folder, err)
	}
}
