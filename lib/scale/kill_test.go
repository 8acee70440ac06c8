package scale_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/scale"
)

// children returns the IDs of the processes that this one started.
func children(t *testing.T) (pids []int) {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[0] != "Z" && fields[1] == strconv.Itoa(os.Getpid()) {
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// extra returns the number of attempts beyond the first of each task.
func extra(r *scale.Report) (n int) {
	for _, repeated := range r.Repeated {
		n += len(repeated.Attempts) - 1
	}
	return n
}

// Workers are killed when 10, 50 and 90 % of the tasks are done. The run ends with the same bytes, and computes at most one task for each
// killed worker twice.
func TestKilledWorkers(t *testing.T) {
	v := points(400, 6)
	w := created(t, plan(t, scale.ExactOptions{Embeddings: store(t, v, 2), Queries: scale.AllQueries, K: 9, QueryBlock: 40}, 400))
	tasks := w.Plan.Tasks()
	finished, kills := 0, 0
	log := &bytes.Buffer{}
	runner := killing{local(t, log), func(string) {
		finished++
		for _, percent := range []int{10, 50, 90} {
			if finished == len(tasks)*percent/100 {
				// the oldest, so that no task is that of all three: a run ends when the workers of one task were killed three times
				if pids := children(t); len(pids) > 0 && syscall.Kill(slices.Min(pids), syscall.SIGKILL) == nil {
					kills++
				}
			}
		}
	}}
	got, report := merged(t, w, runner, 2)
	if !bytes.Equal(got, want(t, v, nil, 9, ann.Euclidean)) {
		t.Error("other neighbours than those of package exact")
	}
	if kills != 3 || extra(report) > kills || finished != len(tasks) {
		t.Errorf("%d workers killed; %d tasks of %d reported, %d repeated: %+v\n%s", kills, finished, len(tasks), extra(report), report.Repeated, log)
	}
}

// A worker that is asked to end by SIGTERM, which it catches, is started again like a killed one. The run goes on.
func TestTerminatedWorker(t *testing.T) {
	v := points(400, 6)
	w := created(t, plan(t, scale.ExactOptions{Embeddings: store(t, v, 2), Queries: scale.AllQueries, K: 9, QueryBlock: 40}, 400))
	log, terminated := &bytes.Buffer{}, 0
	runner := killing{local(t, log), func(string) {
		if pids := children(t); terminated == 0 && len(pids) > 0 && syscall.Kill(pids[0], syscall.SIGTERM) == nil {
			terminated++
		}
	}}
	got, report := merged(t, w, runner, 1)
	if !bytes.Equal(got, want(t, v, nil, 9, ann.Euclidean)) || terminated != 1 || extra(report) > 1 {
		t.Errorf("%d workers terminated, other neighbours or repeated tasks: %+v\n%s", terminated, report.Repeated, log)
	}
	if !strings.Contains(log.String(), "a worker was killed (exit status 130)") {
		t.Errorf("the log does not tell of it: %s", log)
	}
}

// killing is a Runner that calls also after each task.
type killing struct {
	*scale.Local
	also func(task string)
}

func (k killing) Run(ctx context.Context, work string, tasks []string, workers int, done func(string)) error {
	return k.Local.Run(ctx, work, tasks, workers, func(task string) { done(task); k.also(task) })
}

// A worker of an array is killed and started again, as Kubernetes does.
func TestKilledIndexedWorker(t *testing.T) {
	v := points(400, 6)
	w := created(t, plan(t, scale.ExactOptions{Embeddings: store(t, v, 2), Queries: scale.AllQueries, K: 9, QueryBlock: 40}, 400))
	half := len(w.Plan.Tasks()) / 2
	cmd, _, log := worker(t, "--work", w.Location, "--workers", "1", "--index", "0")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		missing, err := w.Missing(t.Context())
		if err != nil || time.Now().After(deadline) {
			t.Fatal(err, log)
		}
		if len(missing) <= half {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	missing, err := w.Missing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again, out, log := worker(t, "--work", w.Location, "--workers", "1", "--index", "0")
	if err := again.Run(); err != nil {
		t.Fatal(err, log)
	}
	if computed := strings.Count(out.String(), "computed"); computed != len(missing) {
		t.Errorf("%d tasks computed after the restart, %d were missing", computed, len(missing))
	}
	got, report := merged(t, w, &scale.Indexed{Interval: time.Millisecond}, 0)
	if !bytes.Equal(got, want(t, v, nil, 9, ann.Euclidean)) || extra(report) > 1 {
		t.Errorf("other neighbours than those of package exact, or more than one task repeated: %+v", report.Repeated)
	}
}

// A task whose worker is killed again and again ends the run with an error, and the run does not hang.
func TestWorkerThatIsAlwaysKilled(t *testing.T) {
	w := created(t, plan(t, scale.ExactOptions{Embeddings: store(t, points(60, 3), 2), Queries: "7", K: 3, QueryBlock: 4}, 64))
	r := &scale.Local{Program: []string{"/bin/sh", "-c", "read task; kill -9 $$"}}
	err := r.Run(t.Context(), w.Location, w.Plan.Tasks(), 2, func(string) { t.Error("done") })
	if err == nil || !strings.Contains(err.Error(), "was killed 3 times") {
		t.Error(err)
	}
	r.Program[2] = "read task; exit 130"
	err = r.Run(t.Context(), w.Location, w.Plan.Tasks(), 2, func(string) { t.Error("done") })
	if err == nil || !strings.Contains(err.Error(), "was killed 3 times") {
		t.Error(err)
	}
	r.Program[2] = "echo no such library >&2; exit 3"
	err = r.Run(t.Context(), w.Location, w.Plan.Tasks(), 2, func(string) { t.Error("done") })
	if err == nil || !strings.Contains(err.Error(), "no such library") || !strings.Contains(err.Error(), "exit status 3") {
		t.Error(err)
	}
	r.Program[2] = fmt.Sprintf("read task; echo %s; read task", "another-task")
	err = r.Run(t.Context(), w.Location, w.Plan.Tasks(), 1, func(string) { t.Error("done") })
	if err == nil || !strings.Contains(err.Error(), "another-task") {
		t.Error(err)
	}
}
