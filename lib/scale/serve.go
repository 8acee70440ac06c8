package scale

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"anncapacity/lib/internal/interrupt"
)

// Answers of a worker, after the name of a task and a tab.
const (
	answerComputed = "computed"
	answerPresent  = "present"
)

// Serve computes the tasks whose names are given or, if there are none, those of the lines of in, until in ends. For each it writes the
// name, a tab, and "computed" or "present" to out as soon as the result is stored. It returns the first error, and the error of ctx as
// soon as ctx is done.
func (w *Worker) Serve(ctx context.Context, tasks []string, in io.Reader, out io.Writer) error {
	if len(tasks) > 0 {
		for _, task := range tasks {
			if err := w.serve(ctx, task, out); err != nil {
				return err
			}
		}
		return nil
	}
	lines := bufio.NewScanner(in)
	for {
		more, err := interrupt.Wait(ctx, func() (bool, error) { return lines.Scan(), nil })
		if err != nil {
			return err
		}
		if !more {
			return lines.Err()
		}
		if task := strings.TrimSpace(lines.Text()); task != "" {
			if err := w.serve(ctx, task, out); err != nil {
				return err
			}
		}
	}
}

func (w *Worker) serve(ctx context.Context, task string, out io.Writer) error {
	computed, err := w.Do(ctx, task)
	if err != nil {
		return err
	}
	answer := answerPresent
	if computed {
		answer = answerComputed
	}
	_, err = fmt.Fprintf(out, "%s\t%s\n", task, answer)
	return err
}
