package scale

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"anncapacity/lib/scale/shard"
)

// Names in a work folder.
const (
	planFile = "plan.json"
	results  = "results/"
	attempts = "attempts/"
	runs     = "runs/"
	failures = "failures/"
)

// Work is a work folder with the plan of one job. Its methods are safe for concurrent use, also by several processes.
type Work struct {
	Location string
	Plan     *Plan
	folder   *shard.Folder
}

// Stored returns the plan in a work folder, or nil if there is none.
func Stored(ctx context.Context, location string) (*Plan, error) {
	w, err := OpenWork(ctx, location)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return w.Plan, w.Close()
}

// OpenWork opens a work folder that holds a plan. If there is none, the error wraps fs.ErrNotExist.
func OpenWork(ctx context.Context, location string) (*Work, error) {
	folder, err := shard.OpenFolder(ctx, location)
	if err != nil {
		return nil, err
	}
	w := &Work{Location: location, folder: folder}
	if w.Plan, err = readPlan(ctx, folder); errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: make the plan first, with anncapacity scale plan -work %s and -embeddings or -dataset", err, location)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", location, err), folder.Close())
	}
	return w, nil
}

func readPlan(ctx context.Context, folder *shard.Folder) (*Plan, error) {
	text, err := folder.Get(ctx, planFile)
	if err != nil {
		return nil, err
	}
	var version struct{ Version int }
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, fmt.Errorf("%s: %w", planFile, err)
	}
	p := &Plan{}
	if version.Version == Version { // fields of another version may be unknown; Check reports it
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		err = decoder.Decode(p)
	} else {
		p.Version = version.Version
	}
	if err == nil {
		err = p.Check()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", planFile, err)
	}
	return p, nil
}

// CreateWork opens a work folder for a plan and stores the plan in it. A folder with the same plan is continued. It is an error if the
// folder holds another plan; the error names what differs.
func CreateWork(ctx context.Context, location string, p *Plan) (*Work, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, err
	}
	folder, err := shard.OpenFolder(ctx, location)
	if err != nil {
		return nil, err
	}
	if _, err := folder.PutNew(ctx, planFile, append(text, '\n')); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", location, err), folder.Close())
	}
	stored, err := readPlan(ctx, folder)
	if err == nil && stored.Hash() != p.Hash() {
		err = fmt.Errorf("holds the plan of another job: %s; choose another folder, or remove this one", strings.Join(differences(stored, p), ", "))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", location, err), folder.Close())
	}
	return &Work{Location: location, Plan: stored, folder: folder}, nil
}

// differences names the fields in which the plan that is stored differs from the one that is wanted.
func differences(stored, wanted *Plan) (all []string) {
	a, b := map[string]string{}, map[string]string{}
	flatten("", stored, a)
	flatten("", wanted, b)
	for name := range a {
		if _, both := b[name]; !both {
			b[name] = "none"
		}
	}
	for name, value := range b {
		if before, both := a[name]; !both || before != value {
			all = append(all, fmt.Sprintf("%s is %s there and %s here", name, cmp.Or(before, "none"), value))
		}
	}
	slices.Sort(all)
	return all
}

// flatten adds the fields of a value, by their JSON names, to fields.
func flatten(name string, value any, fields map[string]string) {
	text, err := json.Marshal(value)
	var inner map[string]any
	if err != nil || json.Unmarshal(text, &inner) != nil {
		fields[name] = string(text)
		return
	}
	for key, v := range inner {
		if name != "" {
			key = name + "." + key
		}
		if key != "exact.base.location" && key != "exact.queries.file.location" && key != "embed.dataset" && key != "embed.weights" {
			flatten(key, v, fields)
		}
	}
}

// Missing returns the tasks whose results are not stored. It does not read the results.
func (w *Work) Missing(ctx context.Context) ([]string, error) {
	stored, err := w.names(ctx, results)
	if err != nil {
		return nil, err
	}
	return w.Plan.Missing(stored), nil
}

// names returns the names below a prefix, without it.
func (w *Work) names(ctx context.Context, prefix string) ([]string, error) {
	names, err := w.folder.List(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.Location, err)
	}
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], prefix)
	}
	return names, nil
}

// Forget removes the results of tasks, so that they are computed again.
func (w *Work) Forget(ctx context.Context, tasks ...string) error {
	for _, task := range tasks {
		if err := w.folder.Delete(ctx, results+task); err != nil {
			return fmt.Errorf("%s: %w", w.Location, err)
		}
	}
	return nil
}

// Close releases the folder. It changes nothing in it.
func (w *Work) Close() error { return w.folder.Close() }
