package scale

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// Report says what a run did, and what all runs on its folder did.
type Report struct {
	Tasks    int
	Computed int        // by this run and, if it is Shared, by others meanwhile; a task whose result was damaged counts again
	Shared   bool       // another run worked on the folder when this one began
	Damaged  []string   // tasks whose results were damaged, and were computed again
	Repeated []Repeated // tasks that were begun more than once, by any run
	Hours    float64    // of all workers of all runs, for results that were stored
}

// Repeated is a task that was begun more than once.
type Repeated struct {
	Task     string
	Attempts []Attempt
}

// Report returns what the records of all runs tell. Computed is 0.
func (w *Work) Report(ctx context.Context) (*Report, error) {
	r := &Report{Tasks: len(w.Plan.Tasks())}
	return r, r.add(ctx, w)
}

// add adds what the records of attempts tell.
func (r *Report) add(ctx context.Context, w *Work) error {
	all, err := w.Attempts(ctx)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, task := range w.Plan.Tasks() {
		names[task] = true
	}
	all = slices.DeleteFunc(all, func(a Attempt) bool { return !names[a.Task] })
	for first := 0; first < len(all); {
		last := first
		for last < len(all) && all[last].Task == all[first].Task {
			r.Hours += all[last].Seconds / 3600
			last++
		}
		if last-first > 1 {
			r.Repeated = append(r.Repeated, Repeated{all[first].Task, all[first:last]})
		}
		first = last
	}
	return nil
}

// listed is the number of tasks that Print names.
const listed = 20

// Print writes the report as text.
func (r *Report) Print(out io.Writer) {
	by := "this run"
	if r.Shared {
		by = "this run or meanwhile by others"
	}
	fmt.Fprintf(out, "%d tasks: %d computed by %s, %d of them because their results were damaged; all runs took %s of the workers\n",
		r.Tasks, r.Computed, by, len(r.Damaged), duration(3600*r.Hours))
	fmt.Fprintf(out, "%d tasks were begun more than once\n", len(r.Repeated))
	for _, repeated := range r.Repeated[:min(listed, len(r.Repeated))] {
		fmt.Fprintf(out, "  %s:", repeated.Task)
		for _, a := range repeated.Attempts {
			state := "did not end"
			if a.Seconds > 0 {
				state = fmt.Sprintf("%.1f s", a.Seconds)
			}
			fmt.Fprintf(out, " %s (%s)", a.Worker, state)
		}
		fmt.Fprintln(out)
	}
	if more := len(r.Repeated) - listed; more > 0 {
		fmt.Fprintf(out, "  and %d more\n", more)
	}
}
