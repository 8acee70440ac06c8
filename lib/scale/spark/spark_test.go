package spark

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/scale"
)

// job is a job of ten tasks: 600 queries in blocks of 60, against themselves in three shards.
type job struct {
	folder string
	base   ann.Vectors
	plan   *scale.Plan
}

func newJob(t *testing.T) *job {
	t.Helper()
	j := &job{folder: t.TempDir(), base: ann.Vectors{N: 600, D: 8, Data: make([]float32, 600*8)}}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range j.base.Data {
		j.base.Data[i] = random.Float32()
	}
	data := filepath.Join(j.folder, "base")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		var b bytes.Buffer
		if err := binary.Write(&b, binary.LittleEndian, []uint32{200, 8}); err != nil {
			t.Fatal(err)
		}
		if err := binary.Write(&b, binary.LittleEndian, j.base.Data[i*200*8:(i+1)*200*8]); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, fmt.Sprintf("%d.fbin", i)), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	described, err := scale.Describe(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	j.plan = &scale.Plan{Version: scale.Version, Kind: scale.KindExact, Exact: &scale.Exact{
		Base: described, K: 20, Metric: "l2", QueryBlock: 60, BaseBlock: 100, Parts: 1,
	}}
	return j
}

// program returns the command of a process that notes in a file which tasks it begins. Spark starts it outside of the checkout, so that
// it is given XLA's plugin.
func (j *job) program(t *testing.T, log string, variables ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugin, err := checkout.Installed("pjrt_cpu_plugin.so")
	if err != nil {
		t.Fatal(err)
	}
	return "env " + strings.Join(append(variables, logVariable+"="+log, "GOMLX_BACKEND=xla:"+plugin), " ") + " " + self
}

// run runs the job on the cluster in a new work folder and returns its results and the processes that began tasks.
func (j *job) run(ctx context.Context, t *testing.T, c *cluster, workers int, log string, variables ...string) (begun []begun, report *scale.Report, out string, err error) {
	t.Helper()
	work, err := scale.CreateWork(ctx, filepath.Join(t.TempDir(), "it's work"), j.plan)
	if err != nil {
		t.Fatal(err)
	}
	defer work.Close()
	out = filepath.Join(t.TempDir(), "truth.ivecs")
	runner := New(c.remote, j.program(t, log, variables...))
	report, err = work.Run(ctx, scale.Job{Runner: runner, Workers: workers, Out: out})
	return noted(t, log), report, out, err
}

func newLog(t *testing.T) string { return filepath.Join(t.TempDir(), "log") }

// begun is a task that a process began.
type begun struct {
	pid           int
	task, threads string
}

// noted reads what the processes noted.
func noted(t *testing.T, log string) (all []begun) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var b begun
		if _, err := fmt.Sscan(line, &b.pid, &b.task, &b.threads); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, b)
	}
	return all
}

// checkBytes compares the result of a job with that of package exact.
func (j *job) checkBytes(t *testing.T, out string) {
	t.Helper()
	self := make([]int32, j.base.N)
	for i := range self {
		self[i] = int32(i)
	}
	stream, err := exact.NewStream(j.base, 20, ann.Euclidean, exact.StreamOptions{Self: self})
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Add(t.Context(), 0, j.base); err != nil {
		t.Fatal(err)
	}
	lists, err := stream.Neighbors()
	want := filepath.Join(t.TempDir(), "want.ivecs")
	if err := errors.Join(err, embedding.WriteNeighbors(want, lists)); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{".ivecs", ".fvecs"} {
		a, err := os.ReadFile(strings.TrimSuffix(out, ".ivecs") + end)
		if err != nil {
			t.Error(err)
		}
		b, err := os.ReadFile(strings.TrimSuffix(want, ".ivecs") + end)
		if err != nil || !bytes.Equal(a, b) || len(b) == 0 {
			t.Errorf("%s: other bytes than those of package exact (%v)", end, err)
		}
	}
}

// gone waits until no process is left.
func gone(t *testing.T, all []begun) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		left := slices.DeleteFunc(slices.Clone(all), func(b begun) bool { return syscall.Kill(b.pid, 0) != nil })
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("processes are left: %v", left)
		}
	}
}

func TestSpark(t *testing.T) {
	c := start(t, 2)
	j := newJob(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *cluster, *job)
	}{
		{"SameBytes", testSameBytes},
		{"FewWorkers", testFewWorkers},
		{"FailingTask", testFailingTask},
		{"Interrupt", testInterrupt},
		{"Command", testCommand},
		{"KilledExecutor", testKilledExecutor},
		{"KilledWorker", testKilledWorker},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, c, j) })
	}
}

// testSameBytes checks that each task has its own process with one thread.
func testSameBytes(t *testing.T, c *cluster, j *job) {
	all, report, out, err := j.run(t.Context(), t, c, 10, newLog(t), sleepVariable+"=0s")
	if err != nil {
		t.Fatal(err)
	}
	j.checkBytes(t, out)
	pids := map[int]bool{}
	for _, b := range all {
		pids[b.pid] = true
		if b.threads != "1" {
			t.Errorf("task %s ran with GOMAXPROCS=%s", b.task, b.threads)
		}
	}
	if len(all) != 10 || len(pids) != 10 || report.Computed != 10 || len(report.Repeated) != 0 {
		t.Errorf("%d tasks in %d processes, report %+v; want 10 in 10", len(all), len(pids), report)
	}
}

func testFewWorkers(t *testing.T, c *cluster, j *job) {
	all, _, out, err := j.run(t.Context(), t, c, 3, newLog(t), sleepVariable+"=0s")
	if err != nil {
		t.Fatal(err)
	}
	j.checkBytes(t, out)
	tasks := map[int]int{}
	for _, b := range all {
		tasks[b.pid]++
	}
	if len(all) != 10 || len(tasks) != 3 {
		t.Errorf("the processes began %v tasks, want 10 in 3", tasks)
	}
}

func testFailingTask(t *testing.T, c *cluster, j *job) {
	all, _, _, err := j.run(t.Context(), t, c, 10, newLog(t), sleepVariable+"=0s", failVariable+"=-000004")
	task := j.plan.Tasks()[4]
	if want := "a task failed, exit status 1: anncapacity: task " + task + ": the disk is on fire"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("the error is %v, want %s", err, want)
	}
	tries := 0
	for _, b := range all {
		if b.task == task {
			tries++
		}
	}
	if tries != 2 { // spark.task.maxFailures
		t.Errorf("the task was begun %d times", tries)
	}
	gone(t, all)
}

func testInterrupt(t *testing.T, c *cluster, j *job) {
	ctx, cancel := context.WithCancel(t.Context())
	log, ended := newLog(t), make(chan error)
	go func() {
		_, _, _, err := j.run(ctx, t, c, 10, log, sleepVariable+"=10m")
		ended <- err
	}()
	for len(noted(t, log)) < 2 {
		select {
		case err := <-ended:
			t.Fatal(err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	all := noted(t, log)
	gone(t, all)
	if after := noted(t, log); len(after) != len(all) {
		t.Errorf("tasks began after the interrupt: %v", after[len(all):])
	}
}

// testKilledWorker kills a worker with its executor when a tenth, half and nine tenths of the tasks have begun.
func testKilledWorker(t *testing.T, c *cluster, j *job) {
	for i, tasks := range []int{1, 5, 9} {
		if i > 0 {
			c.startWorker(t) // in place of the one before
		}
		lost, log := make(chan begun, 1), newLog(t)
		go func() { lost <- c.kill(t, log, tasks) }()
		all, report, out, err := j.run(t.Context(), t, c, 10, log, sleepVariable+"=1s")
		if err != nil {
			t.Fatal(err)
		}
		j.checkBytes(t, out)
		if report.Computed != 10 || len(report.Repeated) > 1 {
			t.Errorf("%d tasks computed, these more than once: %v", report.Computed, report.Repeated)
		}
		times, killed := map[string]int{}, <-lost
		for _, b := range all {
			times[b.task]++
		}
		if len(all) != 11 || times[killed.task] != 2 {
			t.Errorf("killed during %s: these tasks began: %v", killed.task, times)
		}
		gone(t, all)
	}
}
