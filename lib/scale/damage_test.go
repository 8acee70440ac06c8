package scale_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/scale"
)

// small returns options of exact neighbours of points in two shards, in six tasks.
func small(t *testing.T) (scale.ExactOptions, ann.Vectors) {
	t.Helper()
	v := points(120, 4)
	return scale.ExactOptions{Embeddings: store(t, v, 2), Queries: scale.AllQueries, K: 5, QueryBlock: 40, Parts: 2}, v
}

// Damaged results are named and computed again, by a run and by a task; merge alone reports them.
func TestDamagedResults(t *testing.T) {
	o, v := small(t)
	truth := want(t, v, nil, 5, ann.Euclidean)
	w := created(t, plan(t, o, 64))
	merged(t, w, inProcess{}, 1)
	tasks := w.Plan.Tasks()
	path := func(i int) string { return filepath.Join(w.Location, "results", tasks[i]) }
	whole, err := os.ReadFile(path(1))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{
		"half": whole[:len(whole)/2], "empty": {}, "a flipped bit": flipped, "a wrong checksum": append(whole[:len(whole)-2:len(whole)-2], 'x', '\n'),
	} {
		for _, i := range []int{1, 4} {
			if err := os.WriteFile(path(i), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		out := filepath.Join(t.TempDir(), "t.ivecs")
		damaged := (*scale.DamagedError)(nil)
		if err := w.Merge(t.Context(), out); !errors.As(err, &damaged) || len(damaged.Tasks) != 2 || !strings.Contains(err.Error(), tasks[1]) {
			t.Errorf("%s: merge: %v", name, err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: merge wrote a file", name)
		}
		cmd, answer, log := worker(t, "--work", w.Location, tasks[1])
		if err := cmd.Run(); err != nil || !strings.HasSuffix(answer.String(), "\tcomputed\n") || !strings.Contains(log.String(), tasks[1]) {
			t.Errorf("%s: task: %v, %q, %q", name, err, answer, log)
		}
		got, report := merged(t, w, inProcess{}, 1)
		if !bytes.Equal(got, truth) || len(report.Damaged) != 1 || report.Damaged[0] != tasks[4] {
			t.Errorf("%s: %+v", name, report)
		}
	}
}

// A plan of another version, a damaged plan, and the plan of another job are named.
func TestOtherPlans(t *testing.T) {
	o, _ := small(t)
	w := created(t, plan(t, o, 64))
	o.K, o.Metric = 6, "cosine"
	if _, err := scale.CreateWork(t.Context(), w.Location, plan(t, o, 64)); err == nil || !strings.Contains(err.Error(), "exact.k is 5 there and 6 here") ||
		!strings.Contains(err.Error(), `exact.metric is "l2" there`) {
		t.Error(err)
	}
	path := filepath.Join(w.Location, "plan.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cmd, _, log := worker(t, "--work", w.Location)
	if err := os.WriteFile(path, bytes.Replace(text, []byte("120"), []byte("121"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Run(); err == nil || !strings.Contains(log.String(), "plan.json") || !strings.Contains(log.String(), "checksum") {
		t.Errorf("%v: %s", err, log)
	}
	newer := *w.Plan
	newer.Version++
	if err := newer.Check(); err == nil || !strings.Contains(err.Error(), "of version 3, this program computes version 2") {
		t.Error(err)
	}
	if _, err := scale.OpenWorker(t.Context(), t.TempDir(), scale.Options{}); err == nil || !strings.Contains(err.Error(), "make the plan first, with anncapacity scale plan -work ") {
		t.Error(err)
	}
}

// A worker refuses data that were changed since the plan was made: shards, rows that are not finite, and queries.
func TestChangedShards(t *testing.T) {
	o, v := small(t)
	o.Queries = store(t, points(30, 4), 1)
	for _, changed := range []string{o.Embeddings, o.Queries} {
		w := created(t, plan(t, o, 64))
		part := ann.Vectors{N: 10, D: 4, Data: v.Data[:40]}
		if err := embedding.Write(filepath.Join(changed, "part-99.npy"), part, make([]embedding.Row, 10)); err != nil {
			t.Fatal(err)
		}
		cmd, out, log := worker(t, "--work", w.Location, w.Plan.Tasks()[0])
		if err := cmd.Run(); err == nil || out.Len() > 0 || !strings.Contains(log.String(), changed+": the shards were changed since the plan was made") {
			t.Errorf("%v: %s", err, log)
		}
	}
}

// A shard with a number that is not finite, and one that is cut short, are named; what was computed before is kept.
func TestDamagedShard(t *testing.T) {
	o, _ := small(t)
	path := filepath.Join(o.Embeddings, "part-01.npy")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(content[len(content)-4:], []byte{0, 0, 0xc0, 0x7f}) // NaN
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	w := created(t, plan(t, o, 64))
	_, err = w.Run(t.Context(), scale.Job{Runner: local(t, nil), Workers: 1, Out: filepath.Join(t.TempDir(), "t.ivecs")})
	if err == nil || !strings.Contains(err.Error(), "part-01.npy") {
		t.Error(err)
	}
	if missing, err := w.Missing(t.Context()); err != nil || len(missing) != len(w.Plan.Tasks())-1 { // part 0 does not hold the row
		t.Errorf("%d tasks are missing (%v)", len(missing), err)
	}
	if err := os.Truncate(path, int64(len(content)-5)); err != nil {
		t.Fatal(err)
	}
	if _, err := scale.PlanExact(t.Context(), o); err == nil || !strings.Contains(err.Error(), "part-01.npy") {
		t.Error(err)
	}
}

// A zero vector, which has no cosine, is named by its shard and its row there; one of the queries by their file.
func TestZeroVector(t *testing.T) {
	o, v := small(t)
	v.Data = slices.Clone(v.Data)
	clear(v.Row(77))
	zero := store(t, v, 2)
	for _, c := range []struct{ base, queries, says string }{
		{zero, o.Embeddings, filepath.Join(zero, "part-01.npy") + ": row 17 is the zero vector"},
		{zero, scale.AllQueries, filepath.Join(zero, "part-01.npy") + ": row 17 is the zero vector"},
		{zero, "119", filepath.Join(zero, "part-01.npy") + ": row 17 is the zero vector"},
		{o.Embeddings, zero, filepath.Join(zero, "part-01.npy") + ": row 17 is the zero vector"},
	} {
		p := plan(t, scale.ExactOptions{Embeddings: c.base, Queries: c.queries, K: 3, Metric: "cosine", QueryBlock: 50}, 40)
		_, err := created(t, p).Run(t.Context(), scale.Job{Runner: inProcess{}, Out: filepath.Join(t.TempDir(), "t.ivecs")})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v, want %q", err, c.says)
		}
		if _, err := p.Rates(t.Context()); c.base == zero && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("rates: %v, want %q", err, c.says)
		}
	}
}

// Two runs of the same job on one folder, at the same time, both end with the right files. The second names the first, and takes the
// tasks in another order, so that both share them.
func TestTwoRunsOnOneFolder(t *testing.T) {
	o, v := small(t)
	o.QueryBlock = 5
	p := plan(t, o, 64)
	first := created(t, p)
	second, err := scale.CreateWork(t.Context(), first.Location, p)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	truth, began, listed := want(t, v, nil, 5, ann.Euclidean), make(chan struct{}), make(chan struct{})
	log := &bytes.Buffer{}
	var group sync.WaitGroup
	group.Go(func() {
		waiting := runner(func(ctx context.Context, work string, tasks []string, done func(string)) error {
			if !slices.Equal(tasks, p.Tasks()) {
				t.Error("a run alone takes the tasks in another order")
			}
			close(began)
			<-listed
			return inProcess{}.Run(ctx, work, tasks, 1, done)
		})
		if got, _ := merged(t, first, waiting, 1); !bytes.Equal(got, truth) {
			t.Error("the first run has other neighbours")
		}
	})
	<-began
	out := filepath.Join(t.TempDir(), "t.ivecs")
	shuffled := runner(func(ctx context.Context, work string, tasks []string, done func(string)) error {
		close(listed)
		if slices.IsSorted(tasks) {
			t.Error("the second run takes the tasks in the order of the first")
		}
		return inProcess{}.Run(ctx, work, tasks, 1, done)
	})
	report, err := second.Run(t.Context(), scale.Job{Runner: shuffled, Out: out, Progress: log})
	if err != nil || !report.Shared || !bytes.Equal(files(t, out), truth) {
		t.Errorf("the second run: %v, %+v", err, report)
	}
	group.Wait()
	if !strings.Contains(log.String(), "works on this folder, too") {
		t.Errorf("the second run does not name the first: %s", log)
	}
	if left := names(t, filepath.Join(first.Location, "runs")); len(left) > 0 {
		t.Errorf("the runs ended and left %v", left)
	}
}

// runner is a Runner of a function.
type runner func(ctx context.Context, work string, tasks []string, done func(string)) error

func (r runner) Run(ctx context.Context, work string, tasks []string, _ int, done func(string)) error {
	return r(ctx, work, tasks, done)
}

// A full disk is an error that names the file; the results that were stored before are kept, and with more space the run continues.
func TestFullDisk(t *testing.T) {
	v := points(600, 4)
	o := scale.ExactOptions{Embeddings: store(t, v, 2), Queries: scale.AllQueries, K: 40, QueryBlock: 60}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=128k"); err != nil {
		t.Skipf("no file system can be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	w, err := scale.CreateWork(t.Context(), filepath.Join(disk, "work"), plan(t, o, 64))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	job := scale.Job{Runner: local(t, nil), Workers: 1, Out: filepath.Join(t.TempDir(), "t.ivecs")}
	_, err = w.Run(t.Context(), job)
	if err == nil || !strings.Contains(err.Error(), syscall.ENOSPC.Error()) || !strings.Contains(err.Error(), disk) {
		t.Fatalf("a full disk: %v", err)
	}
	missing, err := w.Missing(t.Context())
	if err != nil || len(missing) == 0 || len(missing) == len(w.Plan.Tasks()) {
		t.Fatalf("%d of %d tasks are missing (%v)", len(missing), len(w.Plan.Tasks()), err)
	}
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	got, report := merged(t, w, inProcess{}, 1)
	if report.Computed != len(missing) || len(report.Damaged) > 0 || !bytes.Equal(got, want(t, v, nil, 40, ann.Euclidean)) {
		t.Errorf("after the disk has more space: %+v", report)
	}
}

// An interrupt ends a run soon; the same run continues.
func TestInterrupt(t *testing.T) {
	o, v := small(t)
	w := created(t, plan(t, o, 64))
	ctx, cancel := context.WithCancel(t.Context())
	stopping := runner(func(ctx context.Context, work string, tasks []string, done func(string)) error {
		return local(t, nil).Run(ctx, work, tasks, 2, func(task string) { done(task); cancel() })
	})
	if _, err := w.Run(ctx, scale.Job{Runner: stopping, Out: filepath.Join(t.TempDir(), "t.ivecs")}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if len(children(t)) > 0 {
		t.Errorf("workers %v still run", children(t))
	}
	got, report := merged(t, w, local(t, nil), 2)
	if report.Computed >= report.Tasks || extra(report) > 2 || !bytes.Equal(got, want(t, v, nil, 5, ann.Euclidean)) {
		t.Errorf("%+v", report)
	}
}
