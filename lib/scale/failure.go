package scale

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// ServeShare computes the missing tasks of worker index of an array of the given number of workers, and answers as Serve does. If it
// fails, it leaves a note in the work folder, which an Indexed runner shows; when it succeeds, it removes the note of an earlier attempt.
func ServeShare(ctx context.Context, location string, o Options, index, workers int, out io.Writer) error {
	work, err := OpenWork(ctx, location)
	if err != nil {
		return err
	}
	err = serveShare(ctx, location, o, index, workers, out)
	note := fmt.Sprintf("%sworker-%06d", failures, index)
	switch {
	case err == nil:
		err = work.folder.Delete(ctx, note)
	case ctx.Err() == nil:
		text := fmt.Sprintf("worker %d of %d, process %s, failed at %s: %v", index, workers, worker(), time.Now().UTC().Format(time.RFC3339), err)
		err = errors.Join(err, work.folder.Put(ctx, note, []byte(text)))
	}
	return errors.Join(err, work.Close())
}

func serveShare(ctx context.Context, location string, o Options, index, workers int, out io.Writer) (err error) {
	w, err := OpenWorker(ctx, location, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	missing, err := w.Missing(ctx)
	if err != nil {
		return err
	}
	share, err := w.Plan.Share(missing, index, workers)
	if err == nil && len(share) == 0 {
		fmt.Fprintf(w.log, "worker %d of %d: none of its tasks is missing, there is nothing to do\n", index, workers)
	}
	if err != nil || len(share) == 0 {
		return err
	}
	return w.Serve(ctx, share, nil, out)
}

// failed returns the notes of workers that failed, by their names.
func (w *Work) failed(ctx context.Context) (map[string]string, error) {
	names, err := w.names(ctx, failures)
	if err != nil {
		return nil, err
	}
	notes := map[string]string{}
	for _, name := range names {
		switch text, err := w.folder.Get(ctx, failures+name); {
		case errors.Is(err, fs.ErrNotExist): // the worker succeeded in the meantime
		case err != nil:
			return nil, err
		default:
			notes[name] = string(text)
		}
	}
	return notes, nil
}
