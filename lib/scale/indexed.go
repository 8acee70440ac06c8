package scale

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Indexed is a Runner of workers that something else starts: a Kubernetes Indexed Job, a Slurm array, an array job of AWS Batch. Each of
// them computes its Share of the tasks and ends. Run waits for the results. It cannot know whether a worker that failed is started again:
// it shows why the worker failed, and goes on waiting.
type Indexed struct {
	Interval time.Duration // between two looks at the results; zero means 5 s
	Log      io.Writer     // notes on workers that failed, and on results that do not come; nil means none
}

// patience is the number of looks without a new result after which Run says so.
const patience = 12

// Run implements Runner.
func (x *Indexed) Run(ctx context.Context, work string, tasks []string, _ int, done func(task string)) error {
	w, err := OpenWork(ctx, work)
	if err != nil {
		return err
	}
	defer w.Close()
	log, interval := x.Log, cmp.Or(x.Interval, 5*time.Second)
	if log == nil {
		log = io.Discard
	}
	l := lookout{Work: w, log: log, done: done, waiting: map[string]bool{}, shown: map[string]string{}, added: time.Now()}
	for _, task := range tasks {
		l.waiting[task] = true
	}
	for looks := 1; ; looks++ {
		if err := l.look(ctx); err != nil || len(l.waiting) == 0 {
			return err
		}
		if since := time.Since(l.added); looks%patience == 0 && since >= (patience-1)*interval {
			all := len(w.Plan.Tasks())
			fmt.Fprintf(log, "\n%s: %d of %d results are stored, none was added for %v: the workers may say why "+
				"(kubectl logs -l job-name=NAME, or NAME-*.log of Slurm)\n", work, all-len(l.waiting), all, since.Round(time.Second))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(interval):
		}
	}
}

// lookout looks for results and for notes of workers that failed.
type lookout struct {
	*Work
	log     io.Writer
	done    func(task string)
	waiting map[string]bool   // tasks without a result
	shown   map[string]string // notes, by their names
	added   time.Time         // when a result was seen last
}

// look shows notes that are new. Once all results are stored it removes those that were shown.
func (l *lookout) look(ctx context.Context) error {
	stored, err := l.names(ctx, results)
	if err != nil {
		return err
	}
	for _, task := range stored {
		if l.waiting[task] {
			delete(l.waiting, task)
			l.done(task)
			l.added = time.Now()
		}
	}
	if len(l.waiting) == 0 {
		for name := range l.shown {
			err = errors.Join(err, l.folder.Delete(ctx, failures+name))
		}
		return err
	}
	notes, err := l.failed(ctx)
	for _, name := range slices.Sorted(maps.Keys(notes)) {
		if text := notes[name]; text != l.shown[name] {
			l.shown[name] = text
			fmt.Fprintf(l.log, "\n%s: %s\n", l.Location, text)
		}
	}
	return err
}

// indexes are the environment variables that hold the index of a worker, from 0, with those that hold the last index of the array.
var indexes = []struct{ index, last string }{
	{"JOB_COMPLETION_INDEX", ""},                    // https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
	{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MAX"}, // https://slurm.schedmd.com/job_array.html
	{"AWS_BATCH_JOB_ARRAY_INDEX", ""},               // https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html
}

// Index returns the index of this worker, one of the given number, that Kubernetes, Slurm or AWS Batch set in the environment. Arrays of
// Slurm must begin at 0, as those of package manifest do; of an array that is run again only some elements may be started. It is an
// error if no variable is set, or if a value is not the index of a worker.
func Index(getenv func(string) string, workers int) (int, error) {
	for _, names := range indexes {
		if getenv(names.index) == "" {
			continue
		}
		for _, name := range []string{names.last, names.index} {
			text := getenv(name)
			if n, err := strconv.Atoi(text); text != "" && (err != nil || n < 0 || n >= workers) {
				return 0, fmt.Errorf("%s=%s: want an index from 0 to %d, because there are %d workers", name, text, workers-1, workers)
			}
		}
		return strconv.Atoi(getenv(names.index))
	}
	return 0, errors.New("none of JOB_COMPLETION_INDEX, SLURM_ARRAY_TASK_ID and AWS_BATCH_JOB_ARRAY_INDEX is set: " +
		"give the index of this worker with --index")
}
