package scale

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Indexed is a Runner of workers that something else starts: a Kubernetes Indexed Job, a Slurm array, an array job of AWS Batch. Each of
// them computes its Share of the tasks and ends. Run waits for the results.
type Indexed struct {
	Interval time.Duration // between two looks at the results; zero means 5 s
}

// Run implements Runner.
func (x *Indexed) Run(ctx context.Context, work string, tasks []string, _ int, done func(task string)) error {
	w, err := OpenWork(ctx, work)
	if err != nil {
		return err
	}
	defer w.Close()
	interval := x.Interval
	if interval == 0 {
		interval = 5 * time.Second
	}
	waiting := map[string]bool{}
	for _, task := range tasks {
		waiting[task] = true
	}
	for {
		stored, err := w.names(ctx, results)
		if err != nil {
			return err
		}
		for _, task := range stored {
			if waiting[task] {
				delete(waiting, task)
				done(task)
			}
		}
		if len(waiting) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(interval):
		}
	}
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
