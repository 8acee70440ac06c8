package scale_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/scale"
)

// One element of a Slurm array that is started again, as by sbatch --array=2, computes its own share, and says when nothing is left.
func TestElementOfAnArrayAgain(t *testing.T) {
	w := created(t, plan(t, scale.ExactOptions{Embeddings: store(t, points(60, 3), 2), Queries: "12", K: 3, QueryBlock: 2}, 64))
	share, err := w.Plan.Share(w.Plan.Tasks(), 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	element := func(id string) (string, string, error) {
		cmd, out, log := worker(t, "--work", w.Location, "--workers", "3")
		cmd.Env = append(cmd.Env, "SLURM_ARRAY_TASK_ID="+id, "SLURM_ARRAY_TASK_MIN="+id, "SLURM_ARRAY_TASK_MAX="+id, "SLURM_ARRAY_TASK_COUNT=1")
		err := cmd.Run()
		return out.String(), log.String(), err
	}
	if out, log, err := element("2"); err != nil || out != strings.Join(share, "\tcomputed\n")+"\tcomputed\n" {
		t.Errorf("%v: %q, %s", err, out, log)
	}
	if out, log, err := element("2"); err != nil || out != "" || log != "worker 2 of 3: none of its tasks is missing, there is nothing to do\n" {
		t.Errorf("again: %v: %q, %q", err, out, log)
	}
	if out, log, err := element("3"); err == nil || out != "" || !strings.Contains(log, "SLURM_ARRAY_TASK_MAX=3: want an index from 0 to 2") {
		t.Errorf("out of range: %v: %q, %s", err, out, log)
	}
}

// A worker of an array that fails, here because a shard was changed, leaves a note. The run that waits shows it, says when no result comes,
// and ends when the worker was started again and has succeeded, after which the note is gone.
func TestFailedWorkerOfAnArray(t *testing.T) {
	v := points(60, 3)
	o := scale.ExactOptions{Embeddings: store(t, v, 2), Queries: scale.AllQueries, K: 3, QueryBlock: 20}
	w := created(t, plan(t, o, 64))
	path := filepath.Join(o.Embeddings, "part-01.npy")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	element := func() error {
		cmd, _, _ := worker(t, "--work", w.Location, "--workers", "1", "--index", "0")
		return cmd.Run()
	}
	if err := os.Chtimes(path, time.Time{}, info.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if element() == nil {
		t.Fatal("a worker with a shard that was changed succeeded")
	}
	notes := filepath.Join(w.Location, "failures")
	if left := names(t, notes); len(left) != 1 {
		t.Errorf("notes %v", left)
	}
	log := &lines{mended: func() error {
		if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil {
			return err
		}
		return element()
	}}
	got, _ := merged(t, w, &scale.Indexed{Interval: time.Millisecond, Log: log}, 0)
	if !bytes.Equal(got, want(t, v, nil, 3, ann.Euclidean)) || log.err != nil {
		t.Errorf("other neighbours than those of package exact, or %v", log.err)
	}
	for _, says := range []string{"worker 0 of 1, process ", o.Embeddings + ": the shards were changed", ": 0 of 3 results are stored, none was added for "} {
		if strings.Count(log.String(), says) != 1 {
			t.Errorf("%q is not there once: %s", says, log)
		}
	}
	if left := names(t, notes); len(left) > 0 {
		t.Errorf("notes %v are left", left)
	}
}

// A damaged result of an array, whose workers have ended, is removed, and the run says that they must be started again.
func TestDamagedResultOfAnArray(t *testing.T) {
	v := points(60, 3)
	w := created(t, plan(t, scale.ExactOptions{Embeddings: store(t, v, 2), Queries: scale.AllQueries, K: 3, QueryBlock: 20}, 64))
	element := func() error {
		cmd, _, _ := worker(t, "--work", w.Location, "--workers", "1", "--index", "0")
		return cmd.Run()
	}
	if err := element(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.Location, "results", w.Plan.Tasks()[1]), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	log := &lines{mended: element}
	job := scale.Job{Runner: &scale.Indexed{Interval: time.Millisecond, Log: log}, Out: filepath.Join(t.TempDir(), "t.ivecs"), Progress: log}
	if _, err := w.Run(t.Context(), job); err != nil || log.err != nil {
		t.Fatal(err, log.err)
	}
	if !strings.Contains(log.String(), "removed: start the workers of the array again") {
		t.Error(log.String())
	}
	if !bytes.Equal(files(t, job.Out), want(t, v, nil, 3, ann.Euclidean)) {
		t.Error("other neighbours than those of package exact")
	}
}

// lines is a log that calls mended when it says that no result was added.
type lines struct {
	mended func() error
	lock   sync.Mutex
	bytes.Buffer
	err error
}

func (l *lines) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("none was added")) {
		l.err = l.mended()
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.Buffer.Write(p)
}
