package scale

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// Worker computes tasks of one plan, one after another. It keeps what the tasks share: open data, or the compiled network.
type Worker struct {
	*Work
	log     io.Writer
	compute computer
}

// computer computes tasks of one kind.
type computer interface {
	// result returns the encoded result of task i, whose name is given.
	result(ctx context.Context, i int, task string) ([]byte, error)
	// stored returns an error if the stored result of task i cannot be used.
	stored(ctx context.Context, i int, task string) error
	// unchanged returns an error if the data are no longer those of the plan.
	unchanged(ctx context.Context) error
	close() error
}

// Options of OpenWorker. The zero value is valid.
type Options struct {
	// Data replaces the location of the base, or the name of the dataset, in the plan, where this worker reaches it elsewhere. The
	// content must be the same.
	Data string
	Log  io.Writer // notes on damaged results; nil means none
}

// OpenWorker opens a work folder for computing. It is an error if the plan is of another version, or if the data are not those of the
// plan.
func OpenWorker(ctx context.Context, location string, o Options) (*Worker, error) {
	work, err := OpenWork(ctx, location)
	if err != nil {
		return nil, err
	}
	w := &Worker{Work: work, log: o.Log}
	if w.log == nil {
		w.log = io.Discard
	}
	err = work.Plan.reach(func(at Places) (err error) {
		at.Data = cmp.Or(o.Data, at.Data)
		if work.Plan.Kind == KindExact {
			w.compute, err = openExact(ctx, work, at)
		} else {
			w.compute, err = openEmbed(ctx, work, at)
		}
		return work.explain(ctx, err)
	})
	if err != nil {
		return nil, errors.Join(err, work.Close())
	}
	return w, nil
}

// Do computes a task and stores its result, unless a valid result is stored; computed reports which. A damaged result is computed
// again. It is an error if another worker stored a different result in the meantime.
func (w *Worker) Do(ctx context.Context, task string) (computed bool, err error) {
	i, err := w.Plan.Number(task)
	if err != nil {
		return false, err
	}
	damaged := (*DamagedError)(nil)
	switch err := w.compute.stored(ctx, i, task); {
	case err == nil:
		return false, nil
	case errors.As(err, &damaged):
		fmt.Fprintf(w.log, "%s: %v: it is computed again\n", w.Location, err)
		if err := w.Forget(ctx, task); err != nil {
			return false, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	finish, err := w.begin(ctx, task)
	if err != nil {
		return false, err
	}
	content, err := w.compute.result(ctx, i, task)
	if err == nil {
		err = w.compute.unchanged(ctx)
	}
	if err == nil {
		err = w.store(ctx, task, content)
	}
	if err != nil {
		return false, fmt.Errorf("task %s: %w", task, w.explain(ctx, err))
	}
	return true, finish()
}

// store stores the result of a task, or checks that the result that another worker stored is the same.
func (w *Worker) store(ctx context.Context, task string, content []byte) error {
	created, err := w.folder.PutNew(ctx, results+task, content)
	if err != nil || created {
		return err
	}
	other, err := w.folder.Get(ctx, results+task)
	if err == nil && !bytes.Equal(other, content) {
		err = errors.New("another worker stored another result: use the same program on machines of one kind")
	}
	return err
}

// Close releases what the worker holds.
func (w *Worker) Close() error { return errors.Join(w.compute.close(), w.Work.Close()) }
