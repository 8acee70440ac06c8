package scale

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"anncapacity/lib/internal/parts"
)

// Kind says what a job computes.
type Kind string

// The kinds of jobs.
const (
	KindExact Kind = "exact" // exact neighbours
	KindEmbed Kind = "embed" // embeddings of photographs
)

// Plan describes a job and its division into tasks. It depends on nothing but its fields: two plans with equal fields have the same
// tasks on every machine. Exactly one of Exact and Embed is set, that of Kind.
type Plan struct {
	Version int    `json:"version"`
	Kind    Kind   `json:"kind"`
	Exact   *Exact `json:"exact,omitempty"`
	Embed   *Embed `json:"embed,omitempty"`

	// Former is where earlier runs found the data. A worker that does not reach them where the plan says looks there.
	Former []Places `json:"former,omitempty"`
}

// Data names vectors in shards.
type Data struct {
	Location    string `json:"location"`
	Rows        int    `json:"rows"`
	Dim         int    `json:"dim"`
	Kind        string `json:"kind"`        // NumPy's name of the type of the numbers, such as float32
	Bytes       int64  `json:"bytes"`       // of all shards
	Fingerprint string `json:"fingerprint"` // of the shards; results depend on it, not on the location

	shards []item // nil in a plan that was stored
}

// job is what the kinds of plans have in common.
type job interface {
	check() error // reports fields out of range
	tasks() int   // number of tasks
	hashed() any  // what the results depend on
	places() Places
	inventories() map[string][]item // by name; nil in a plan that was stored
	cost() Cost
}

// job returns the part of the plan that its kind names.
func (p *Plan) job() (job, error) {
	switch {
	case p.Kind == KindExact && p.Exact != nil && p.Embed == nil:
		return p.Exact, nil
	case p.Kind == KindEmbed && p.Embed != nil && p.Exact == nil:
		return p.Embed, nil
	}
	return nil, fmt.Errorf("a plan of kind %q without its description", p.Kind)
}

// Check returns an error if the plan is of another version or a field is out of range.
func (p *Plan) Check() error {
	if p.Version != Version {
		return fmt.Errorf("the plan is of version %d, this program computes version %d: use one version of anncapacity for a job", p.Version, Version)
	}
	j, err := p.job()
	if err != nil {
		return err
	}
	return j.check()
}

// Hash returns a hash of everything that the results depend on: the data, the question and the division into tasks, but not the
// locations.
func (p *Plan) Hash() string {
	return parts.Key(func(sum io.Writer) {
		j, err := p.job()
		if err == nil {
			err = json.NewEncoder(sum).Encode([]any{p.Version, p.Kind, j.hashed()})
		}
		if err != nil {
			fmt.Fprintln(sum, err) // Check reports it
		}
	})
}

// Tasks returns the names of all tasks, such as exact-0f1e2d3c4b5a6978-000017, in the order of their numbers.
func (p *Plan) Tasks() []string {
	j, err := p.job()
	if err != nil {
		return nil
	}
	names, hash := make([]string, j.tasks()), p.Hash()
	for i := range names {
		names[i] = fmt.Sprintf("%s-%s-%06d", p.Kind, hash, i)
	}
	return names
}

// Number returns the number of a task, given its name. It is an error if the plan has no task of this name.
func (p *Plan) Number(task string) (int, error) {
	prefix := fmt.Sprintf("%s-%s-", p.Kind, p.Hash())
	digits, ours := strings.CutPrefix(task, prefix)
	if !ours {
		return 0, fmt.Errorf("task %q is not one of this plan, whose tasks begin with %s: the plan or the data were changed", task, prefix)
	}
	i, err := strconv.Atoi(digits)
	if err != nil || i < 0 || fmt.Sprintf("%06d", i) != digits {
		return 0, fmt.Errorf("task %q: %q is not the number of a task", task, digits)
	}
	if j, err := p.job(); err != nil || i >= j.tasks() {
		return 0, fmt.Errorf("task %q: the plan has %d tasks", task, len(p.Tasks()))
	}
	return i, nil
}

// Missing returns the tasks of the plan whose results are not among the names of stored results.
func (p *Plan) Missing(stored []string) []string {
	have := map[string]bool{}
	for _, name := range stored {
		have[name] = true
	}
	return slices.DeleteFunc(p.Tasks(), func(task string) bool { return have[task] })
}

// Share returns the tasks that worker index of the given number of workers computes: those whose number leaves the remainder index.
// It does not depend on what is missing, so that all workers agree.
func (p *Plan) Share(tasks []string, index, workers int) ([]string, error) {
	if workers < 1 || index < 0 || index >= workers {
		return nil, fmt.Errorf("worker %d of %d: want a number of workers of at least 1, and an index from 0", index, workers)
	}
	var own []string
	for _, task := range tasks {
		i, err := p.Number(task)
		if err != nil {
			return nil, err
		}
		if i%workers == index {
			own = append(own, task)
		}
	}
	return own, nil
}
