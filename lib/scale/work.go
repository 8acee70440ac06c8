package scale

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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
	w, err := openWork(ctx, location)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: make the plan first, with anncapacity scale plan -work %s and -embeddings or -dataset", err, location)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", location, err)
	}
	return w, nil
}

func openWork(ctx context.Context, location string) (*Work, error) {
	folder, err := shard.OpenFolder(ctx, location)
	if err != nil {
		return nil, err
	}
	w := &Work{Location: location, folder: folder}
	if w.Plan, err = readPlan(ctx, folder); err != nil {
		return nil, errors.Join(err, folder.Close())
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

// CreateWork opens a work folder for a plan and stores the plan in it. If the folder holds a plan of the same job, that one is
// continued, with its division, and the stored plan names the places of the data of both. It is an error if the folder holds the plan of
// another job; the error names what differs.
func CreateWork(ctx context.Context, location string, p *Plan) (*Work, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	folder, err := shard.CreateFolder(ctx, location)
	if err != nil {
		return nil, err
	}
	w := &Work{Location: location, folder: folder}
	if w.Plan, err = w.storePlan(ctx, p); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", location, err), folder.Close())
	}
	return w, nil
}

// storePlan stores a plan, or the continued one if a plan of the same job is stored, and returns it.
func (w *Work) storePlan(ctx context.Context, p *Plan) (*Plan, error) {
	text, err := p.text()
	if err != nil {
		return nil, err
	}
	if _, err := w.folder.PutNew(ctx, planFile, text); err != nil {
		return nil, err
	}
	stored, err := readPlan(ctx, w.folder)
	if err != nil {
		return nil, err
	}
	continued, ok := p.Continue(stored)
	if !ok {
		return nil, fmt.Errorf("holds the plan of another job: %s; choose another folder, or remove this one", w.differences(ctx, stored, p))
	}
	if err := w.takeInventory(ctx, continued); err != nil {
		return nil, err
	}
	if continued.places()[0] == stored.places()[0] {
		return continued, nil
	}
	if text, err = continued.text(); err != nil {
		return nil, err
	}
	return continued, w.folder.Put(ctx, planFile, text)
}

// text returns the content of the file of the plan.
func (p *Plan) text() ([]byte, error) {
	text, err := json.MarshalIndent(p, "", "  ")
	return append(text, '\n'), err
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
