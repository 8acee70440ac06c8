package redis

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/engine/internal/side/sidetest"
)

func TestEngine(t *testing.T) {
	enginetest.Run(t, Engines()[0], enginetest.Want{Recall: map[ann.Metric]float64{ann.Cosine: .95}, Beyond: enginetest.Full})
}

func TestProcess(t *testing.T) { sidetest.Ended(t, Engines()[0], enginetest.Gaussian(100000, 64, 2)) }

// A build that is cancelled ends its server and leaves nothing behind.
func TestBuildCancelled(t *testing.T) {
	if err := Engines()[0].Missing(); err != nil {
		t.Skip(err)
	}
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := Engines()[0].Build(ctx, enginetest.Gaussian(50000, 256, 1), engine.Options{Metric: ann.Cosine, Threads: 2})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "Redis: ") {
		t.Error(err)
	}
	sidetest.Empty(t, parent)
}

func built(t *testing.T, base ann.Vectors, o engine.Options) engine.Index {
	t.Helper()
	if err := Engines()[0].Missing(); err != nil {
		t.Skip(err)
	}
	o.Metric = ann.Cosine
	return enginetest.Build(t, Engines()[0], base, o)
}

// A score is (1 + cosine) / 2, of the vectors as they are, without quantization: the answer has the cosine to five digits.
func TestScores(t *testing.T) {
	base := enginetest.Gaussian(300, 16, 1)
	for _, threads := range []int{1, 2} {
		x := built(t, base, engine.Options{Threads: threads})
		a, err := x.Ask(t.Context(), base.Row(7), 300)
		if err != nil || len(a.IDs) != 300 || a.IDs[0] != 7 {
			t.Fatalf("%+v, %v", a, err)
		}
		for i, id := range a.IDs {
			want := 1 - ann.Cosine.Distance(base.Row(7), base.Row(int(id)))/2
			if max(a.Distances[i]-want, want-a.Distances[i]) > 1e-5 {
				t.Errorf("point %d: score %v, want %v", id, a.Distances[i], want)
			}
		}
	}
}

// What Redis does not accept is an error in its words.
func TestLimits(t *testing.T) {
	base := enginetest.Gaussian(50, 8, 1)
	e := Engines()[0]
	x := built(t, base, engine.Options{})
	for want, o := range map[string]engine.Options{"ERR invalid M": {M: 3}, "ERR invalid EF": {EfConstruction: 1_000_001}} {
		o.Metric = ann.Cosine
		if _, err := e.Build(t.Context(), base, o); err == nil || !strings.HasPrefix(err.Error(), "Redis: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := x.SetEfSearch(1_000_001); err == nil || !strings.HasPrefix(err.Error(), "Redis: EF 1000001") {
		t.Error(err)
	}
	if err := x.SetEfSearch(1_000_000); err != nil {
		t.Error(err)
	}
	if a, err := x.Ask(t.Context(), base.Row(3), 5); err != nil || a.IDs[0] != 3 {
		t.Errorf("%+v, %v", a, err)
	}
}

// The server listens on its socket only.
func TestNoPort(t *testing.T) {
	x := built(t, enginetest.Gaussian(50, 8, 1), engine.Options{})
	inside := engine.Unwrap(x).(*Index)
	listening := map[string]bool{} // inodes of listening TCP sockets
	for _, name := range []string{"tcp", "tcp6"} {
		table, _ := os.ReadFile("/proc/net/" + name)
		for line := range strings.Lines(string(table)) {
			if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" {
				listening["socket:["+f[9]+"]"] = true
			}
		}
	}
	opened, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", inside.PID()))
	for _, fd := range opened {
		if link, _ := os.Readlink(fd); listening[link] {
			t.Errorf("%s listens on a port", link)
		}
	}
	if len(opened) == 0 {
		t.Error("the server has no open files")
	}
	if size := x.Size(); size.Disk != 0 {
		t.Errorf("%+v", size)
	}
}

// A server that does not start is an error that quotes its log, and leaves no folder behind.
func TestDoesNotStart(t *testing.T) {
	if err := Engines()[0].Missing(); err != nil {
		t.Skip(err)
	}
	parent := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	if err := os.Mkdir(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", parent)
	_, err := start(t.Context(), 1)
	if err == nil || !strings.Contains(err.Error(), "the server ended") || !strings.Contains(err.Error(), "socket") {
		t.Error(err)
	}
	sidetest.Empty(t, parent)
}
