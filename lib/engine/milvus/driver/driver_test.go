package driver

import (
	"context"
	"errors"
	"math"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
)

const flat, lite, full = 0, 1, 2

func built(t *testing.T, way int, base ann.Vectors, o engine.Options) engine.Index {
	t.Helper()
	e := Engines()[way]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	return enginetest.Build(t, e, base, o)
}

// emptied sets TMPDIR to a folder of this test and checks that it is empty at the end.
func emptied(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Cleanup(func() {
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// For k > ef, Milvus Lite returns more than ef and fewer than k points, in order and without padding.
func TestLiteBeyondEf(t *testing.T) {
	base := enginetest.Gaussian(3000, 16, 1)
	x := built(t, lite, base, engine.Options{M: 8, EfConstruction: 40})
	for _, ef := range []int{5, 20} {
		if err := x.SetEfSearch(ef); err != nil {
			t.Fatal(err)
		}
		a, err := x.Ask(t.Context(), base.Row(3), 1000)
		if err != nil || len(a.IDs) <= ef || len(a.IDs) >= 1000 || slices.Contains(a.IDs, engine.Padding) || !slices.IsSorted(a.Distances) {
			t.Errorf("ef %d: %d answers, %v", ef, len(a.IDs), err)
		}
		t.Logf("ef %d, k 1000: %d answers", ef, len(a.IDs))
	}
}

// Milvus Lite uses M: the files of the graph grow by 2M links of 4 bytes for each point.
func TestLiteTakesM(t *testing.T) {
	base := enginetest.Gaussian(2000, 16, 1)
	thin := built(t, lite, base, engine.Options{M: 8}).Size().Disk
	thick := built(t, lite, base, engine.Options{M: 64}).Size().Disk
	if grown := thick - thin; grown < 2000*2*(64-8)*4 {
		t.Errorf("%d bytes at M = 8, %d at 64", thin, thick)
	}
}

// A full Milvus rejects ef < k.
func TestFullRejects(t *testing.T) {
	base := enginetest.Gaussian(3000, 16, 1)
	x := built(t, full, base, engine.Options{})
	if err := x.SetEfSearch(10); err != nil {
		t.Fatal(err)
	}
	_, err := x.Ask(t.Context(), base.Row(3), 20)
	if err == nil || !strings.HasPrefix(err.Error(), "Milvus HNSW: ") || !strings.Contains(err.Error(), "ef") {
		t.Errorf("k = 20 at ef 10: %v", err)
	}
	t.Log(err)
}

// If no server answers at the address, the error names the variable.
func TestFullUnreachable(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a connection")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(Address, l.Addr().String())
	l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = Engines()[full].Build(ctx, enginetest.Gaussian(10, 4, 1), engine.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "Milvus HNSW: "+Address+"=127.0.0.1") {
		t.Errorf("%v", err)
	}
}

// An answer has IDs and scores, but no vectors: their 330 MB would exceed the maximum message size of Milvus Lite.
func TestLargeBatch(t *testing.T) {
	base := enginetest.Gaussian(1000, 512, 1)
	x := built(t, lite, base, engine.Options{M: 8, EfConstruction: 40})
	if err := x.SetEfSearch(1000); err != nil {
		t.Fatal(err)
	}
	answers, err := x.AskBatch(t.Context(), ann.Vectors{N: 400, D: 512, Data: base.Data[:400*512]}, 400)
	if err != nil || len(answers[399].IDs) != 400 {
		t.Errorf("%v", err)
	}
}

// Scores are squared L2, the cosine and the inner product.
func TestLiteScores(t *testing.T) {
	base := enginetest.Gaussian(500, 16, 1)
	query := enginetest.Gaussian(1, 16, 2).Row(0)
	score := map[ann.Metric]func(distance float64) float64{
		ann.Euclidean:    func(d float64) float64 { return d * d },
		ann.Cosine:       func(d float64) float64 { return 1 - d },
		ann.InnerProduct: func(d float64) float64 { return -d },
	}
	for _, way := range []int{flat, lite} {
		for _, m := range ann.Metrics {
			a, err := built(t, way, base, engine.Options{Metric: m}).Ask(t.Context(), query, 10)
			if err != nil {
				t.Fatal(err)
			}
			for i, id := range a.IDs {
				want := score[m](float64(m.Distance(query, base.Row(int(id)))))
				if got := float64(a.Distances[i]); math.Abs(want-got) > 1e-4 {
					t.Errorf("%s, %v, rank %d: %v, not %v", Engines()[way].Name, m, i, got, want)
				}
			}
		}
	}
}

// A search whose server is killed returns an error that says so, and Close leaves nothing behind.
func TestServerKilled(t *testing.T) {
	base := enginetest.Gaussian(2000, 32, 1)
	for _, e := range []engine.Engine{Engines()[flat], Engines()[full]} {
		t.Run(e.Name, func(t *testing.T) {
			emptied(t)
			if err := e.Missing(); err != nil {
				t.Skip(err)
			}
			x, err := e.Build(t.Context(), base, engine.Options{})
			if err != nil {
				t.Fatal(err)
			}
			own := engine.Unwrap(x).(*Index).server.own
			if own == nil {
				t.Skip("the server was not started here")
			}
			failed := make(chan error)
			go func() {
				_, err := x.AskBatch(t.Context(), ann.Vectors{N: 2_000_000, D: 32, Data: slices.Repeat(base.Data, 1000)}, 40)
				failed <- err
			}()
			time.Sleep(300 * time.Millisecond) // the batch takes minutes
			if err := syscall.Kill(own.PID(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			if err := <-failed; err == nil || !strings.HasPrefix(err.Error(), e.Name+": the server ended: signal: killed") {
				t.Errorf("%v", err)
			}
			for range 2 {
				if err := x.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	emptied(t)
	base := enginetest.Gaussian(2000, 32, 1)
	x := built(t, flat, base, engine.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := x.AskBatch(ctx, ann.Vectors{N: 200_000, D: 32, Data: slices.Repeat(base.Data, 100)}, 100)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "Milvus Lite FLAT: ") {
		t.Errorf("batch: %v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), time.Second) // the server needs more
	defer cancel()
	if _, err = Engines()[lite].Build(ctx, enginetest.Gaussian(20_000, 64, 1), engine.Options{}); !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "Milvus Lite HNSW: ") {
		t.Errorf("build: %v", err)
	}
}

func TestPortTaken(t *testing.T) {
	emptied(t)
	if err := Engines()[lite].Missing(); err != nil {
		t.Skip(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = launchLite(t.Context(), engine.Options{Threads: 1}, l.Addr().(*net.TCPAddr).Port)
	if err == nil || !strings.HasPrefix(err.Error(), "the server ended") || !strings.Contains(err.Error(), "bind") {
		t.Errorf("%v", err)
	}
}
