package scale

import (
	"context"
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

// indexes are the environment variables that hold the index of a worker, with those that hold the first index, if it need not be 0.
var indexes = []struct{ index, first string }{
	{"JOB_COMPLETION_INDEX", ""},                    // https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
	{"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN"}, // https://slurm.schedmd.com/job_array.html
	{"AWS_BATCH_JOB_ARRAY_INDEX", ""},               // https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html
}

// Index returns the index of this worker, from 0, that Kubernetes, Slurm or AWS Batch set in the environment. It is an error if none of
// them did, or if the value is no number.
func Index(getenv func(string) string) (int, error) {
	for _, names := range indexes {
		text := getenv(names.index)
		if text == "" {
			continue
		}
		index, err := strconv.Atoi(text)
		if first := getenv(names.first); err == nil && names.first != "" && first != "" {
			var least int
			least, err = strconv.Atoi(first)
			index -= least
		}
		if err != nil || index < 0 {
			return 0, fmt.Errorf("%s=%s: is no index of a worker", names.index, text)
		}
		return index, nil
	}
	return 0, fmt.Errorf("none of JOB_COMPLETION_INDEX, SLURM_ARRAY_TASK_ID and AWS_BATCH_JOB_ARRAY_INDEX is set: give the index of this worker with --index")
}
