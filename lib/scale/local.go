package scale

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// Local is a Runner of processes on this machine. It gives a worker the name of a task when it has finished the one before, so that a
// killed worker loses one task. Killed workers are started again. When the current process ends, also by a signal, the kernel ends its
// workers.
type Local struct {
	Program []string  // command line of a worker without --work; empty means: this program with the arguments scale task
	Env     []string  // added to the environment of the workers
	Log     io.Writer // standard error of the workers, and notes on killed ones; nil means none
}

// mostKills is how often the worker of a task may be killed before Run gives up.
const mostKills = 3

// Run implements Runner. The cores are divided among the workers.
func (l *Local) Run(ctx context.Context, work string, tasks []string, workers int, done func(task string)) error {
	program := l.Program
	if len(program) == 0 {
		itself, err := os.Executable()
		if err != nil {
			return err
		}
		program = []string{itself, "scale", "task"}
	}
	workers = min(workers, len(tasks))
	q := newQueue(tasks, done)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	context.AfterFunc(ctx, q.stop)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			runtime.LockOSThread() // the kernel ends a worker with the thread that started it
			defer runtime.UnlockOSThread()
			for !q.empty() && ctx.Err() == nil {
				w := localWorker{log: l.Log, args: append(program[1:len(program):len(program)], "--work", work), program: program[0]}
				w.env = append(append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", max(1, runtime.GOMAXPROCS(0)/workers))), l.Env...)
				if err := w.run(ctx, q); err != nil {
					cancel(err)
				}
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return nil
}

// localWorker is one process.
type localWorker struct {
	program string
	args    []string
	env     []string
	log     io.Writer
}

// run starts the process and gives it tasks until there are none, or it is killed. It returns an error if the process fails in another
// way.
func (w *localWorker) run(ctx context.Context, q *queue) error {
	cmd := exec.CommandContext(ctx, w.program, w.args...)
	cmd.Env = w.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true} // Ctrl-C reaches this process alone
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	log := &tail{to: w.log}
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting a worker: %w", err)
	}
	task, failed := w.feed(q, in, bufio.NewScanner(out))
	in.Close()
	err = cmd.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if killed(err) {
		return w.restart(q, task, err)
	}
	if err != nil {
		failed = fmt.Errorf("%w: %w: %s", cmp.Or(failed, errFailed), err, log.text())
	}
	return failed
}

// errFailed is the error of a worker that failed after it had finished its tasks.
var errFailed = errors.New("a worker failed")

// feed gives the process one task after another. It returns the task that the process did not finish, "" if there is none.
func (w *localWorker) feed(q *queue, in io.Writer, out *bufio.Scanner) (task string, err error) {
	for {
		task, ok := q.take()
		if !ok {
			return "", nil
		}
		if _, err := fmt.Fprintln(in, task); err != nil || !out.Scan() {
			return task, fmt.Errorf("a worker ended before it finished %s", task)
		}
		if name, _, _ := strings.Cut(out.Text(), "\t"); name != task {
			return task, fmt.Errorf("a worker answered %q, not %s and its state", out.Text(), task)
		}
		q.finish(task)
	}
}

// restart puts the task of a killed process back.
func (w *localWorker) restart(q *queue, task string, err error) error {
	if task == "" {
		return nil
	}
	kills := q.putBack(task)
	if kills >= mostKills {
		return fmt.Errorf("task %s: its worker was killed %d times (%w): is there enough memory?", task, kills, err)
	}
	if w.log != nil {
		fmt.Fprintf(w.log, "a worker was killed (%v): %s is computed again\n", err, task)
	}
	return nil
}

// Interrupted is the exit status of a worker that a signal asked to end, and that ended by itself.
const Interrupted = 130

// killed reports whether a process ended because of a signal: at once, or by itself.
func killed(err error) bool {
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && (status.Signaled() || status.ExitStatus() == Interrupted)
}

// tail copies what is written to a writer, and keeps the end of it.
type tail struct {
	to   io.Writer // may be nil
	last []byte
}

const tailBytes = 2000

func (t *tail) Write(p []byte) (int, error) {
	if t.to != nil {
		_, _ = t.to.Write(p) // a closed terminal must not stop the work
	}
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-tailBytes):]
	return len(p), nil
}

func (t *tail) text() string { return string(bytes.TrimSpace(t.last)) }
