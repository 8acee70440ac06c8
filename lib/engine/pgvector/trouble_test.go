package pgvector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/internal/checkout"
)

const exact, truncating, iterative = 0, 1, 2

func built(t *testing.T, way int, base ann.Vectors, o engine.Options) (engine.Index, *Index) {
	t.Helper()
	e := Engines()[way]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	x := enginetest.Build(t, e, base, o)
	return x, engine.Unwrap(x).(*Index)
}

// For k > ef_search, pgvector returns exactly ef_search answers, and its iterative scan k.
func TestBeyondEfSearch(t *testing.T) {
	base := enginetest.Gaussian(1000, 16, 1)
	for way, want := range map[int][]int{truncating: {7, 40, 500}, iterative: {600, 600, 600}} {
		x, _ := built(t, way, base, engine.Options{})
		name := Engines()[way].Name
		for i, ef := range []int{7, 40, 500} {
			if err := x.SetEfSearch(ef); err != nil {
				t.Fatal(err)
			}
			a, err := x.Ask(t.Context(), base.Row(3), 600)
			if err != nil || len(a.IDs) != want[i] {
				t.Errorf("%s, ef_search %d: %d answers, %v", name, ef, len(a.IDs), err)
			}
			if !slices.IsSorted(a.Distances) {
				t.Errorf("%s, ef_search %d: the order is not strict", name, ef)
			}
		}
		if err := x.SetEfSearch(1001); err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), "1001") {
			t.Errorf("ef_search 1001: %v", err)
		}
	}
}

// The planner uses the index, if there is one, for small and for large k.
func TestPlan(t *testing.T) {
	for way, want := range map[int]string{exact: "Seq Scan", truncating: "Index Scan using items_embedding_idx"} {
		_, x := built(t, way, enginetest.Gaussian(500, 8, 1), engine.Options{})
		for _, k := range []int{1, 499} {
			rows, err := x.pool.Query(t.Context(), fmt.Sprintf("EXPLAIN SELECT id FROM items ORDER BY embedding <-> $1 LIMIT %d", k), x.value(make([]float32, 8)))
			if err != nil {
				t.Fatal(err)
			}
			var plan, line string
			for rows.Next() {
				if err := rows.Scan(&line); err != nil {
					t.Fatal(err)
				}
				plan += line + "\n"
			}
			if !strings.Contains(plan, want) {
				t.Errorf("%s, k = %d: %s", Engines()[way].Name, k, plan)
			}
		}
	}
}

// Half precision is used above 2,000 dimensions, and pgvector rejects more than 4,000.
func TestManyDimensions(t *testing.T) {
	base := enginetest.Gaussian(200, 2100, 1)
	x, _ := built(t, truncating, base, engine.Options{})
	a, err := x.Ask(t.Context(), base.Row(5), 3)
	if err != nil || len(a.IDs) != 3 || a.IDs[0] != 5 {
		t.Fatalf("%v, %v", a, err)
	}
	if truth := ann.L2(base.Row(5), base.Row(int(a.IDs[1]))); max(truth-a.Distances[1], a.Distances[1]-truth) > .01*truth || truth == a.Distances[1] {
		t.Errorf("distance %v in half precision, %v in single", a.Distances[1], truth)
	}
	_, err = Engines()[truncating].Build(t.Context(), enginetest.Gaussian(2, 4100, 1), engine.Options{Dir: t.TempDir()})
	if err == nil || !strings.HasPrefix(err.Error(), "pgvector HNSW: ") || !strings.Contains(err.Error(), "4000") {
		t.Errorf("4,100 dimensions: %v", err)
	}
}

func TestServerKilled(t *testing.T) {
	emptied(t)
	base := enginetest.Gaussian(3000, 32, 1)
	x, inside := built(t, exact, base, engine.Options{})
	asked := ann.Vectors{N: 300_000, D: 32, Data: slices.Repeat(base.Data, 100)}
	failed := make(chan error)
	go func() {
		_, err := x.AskBatch(t.Context(), asked, 100)
		failed <- err
	}()
	for inside.pool.Stat().AcquiredConns() == 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond) // the batch takes minutes
	if err := syscall.Kill(inside.server.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	err := <-failed
	if err == nil || !strings.HasPrefix(err.Error(), "pgvector exact: the server ended: signal: killed") {
		t.Errorf("%v", err)
	}
	if _, err := x.Ask(t.Context(), base.Row(0), 1); err == nil || !strings.HasPrefix(err.Error(), "pgvector exact: ") {
		t.Errorf("later: %v", err)
	}
}

// emptied sets TMPDIR to a folder of this test, which PostgreSQL's user can enter, and checks that it is empty at the end.
func emptied(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "emptied")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		os.RemoveAll(dir)
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir)
}

func TestBatchCancelled(t *testing.T) {
	base := enginetest.Gaussian(2000, 16, 1)
	x, _ := built(t, exact, base, engine.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := x.AskBatch(ctx, ann.Vectors{N: 400_000, D: 16, Data: slices.Repeat(base.Data, 200)}, 100)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "pgvector exact: ") {
		t.Errorf("%v", err)
	}
	if a, err := x.Ask(t.Context(), base.Row(9), 1); err != nil || a.IDs[0] != 9 {
		t.Errorf("afterwards: %v, %v", a, err)
	}
}

func TestBuildCancelled(t *testing.T) {
	e := Engines()[truncating]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	emptied(t)
	ctx, cancel := context.WithCancel(t.Context())
	o := engine.Options{Progress: writer(func(text string) {
		if strings.Contains(text, "3000 of 3000 points in the table") { // then the index is built
			time.AfterFunc(100*time.Millisecond, cancel)
		}
	})}
	_, err := e.Build(ctx, enginetest.Gaussian(3000, 512, 1), o)
	if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), e.Name+": ") {
		t.Errorf("%v", err)
	}
}

type writer func(text string)

func (w writer) Write(p []byte) (int, error) { w(string(p)); return len(p), nil }

// started starts a server with default settings after change, to test errors that Build cannot provoke.
func started(t *testing.T, change func(*cluster)) (*server, error) {
	t.Helper()
	if err := Engines()[exact].Missing(); err != nil {
		t.Skip(err)
	}
	site, err := checkout.Installed(site)
	if err != nil {
		t.Fatal(err)
	}
	c := cluster{site: site}
	change(&c)
	s, err := c.start(t.Context())
	if err == nil {
		t.Cleanup(func() {
			if err := s.stop(); err != nil {
				t.Error(err)
			}
		})
	}
	return s, err
}

func TestSocketTaken(t *testing.T) {
	first, err := started(t, func(*cluster) {})
	if err != nil {
		t.Fatal(err)
	}
	kept := *first.sockets
	_, err = started(t, func(c *cluster) { c.sockets = &kept })
	if err == nil || !strings.Contains(err.Error(), ".s.PGSQL.5432.lock") {
		t.Errorf("%v", err)
	}
}

// A PostgreSQL that only its owner can read is copied, and one without pgvector returns an error that says so.
func TestExtensionMissing(t *testing.T) {
	s, err := started(t, func(c *cluster) {
		copied := t.TempDir()
		for _, part := range []string{install, libraries} {
			if err := os.CopyFS(filepath.Join(copied, part), os.DirFS(filepath.Join(c.site, part))); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(os.Chmod(copied, 0o700), os.Remove(filepath.Join(copied, install, "share/postgresql/extension/vector.control"))); err != nil {
			t.Fatal(err)
		}
		c.site = copied
	})
	if err != nil {
		t.Fatal(err)
	}
	base := enginetest.Gaussian(10, 4, 1)
	_, err = s.index(t.Context(), base, engine.Options{Threads: 1}, noIndex)
	if err = s.Explain(err); err == nil || !strings.Contains(err.Error(), `extension "vector" is not available`) {
		t.Errorf("%v", err)
	}
}
