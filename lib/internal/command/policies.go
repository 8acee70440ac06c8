package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/table"
)

const enginesPage = "engines.md"

// observePolicies asks the chosen engines for k > efSearch and writes what they did, each as it
// comes, and the page of all engines to f.Out.
func (f engineFlags) observePolicies(ctx context.Context, all []engine.Engine) error {
	if f.Out == "" || f.path != "" {
		return errors.New("engines: -policies needs -out, and no -embeddings: it has points of its own")
	}
	path := filepath.Join(f.Out, enginesPage)
	stored := compare.ObservationTable(f.Out, nil)
	p := plan{writes: []string{stored.Path, path}, folders: []string{f.Out}, own: func() error { return errors.Join(stored.Check(), isEnginesPage(path)) }}
	if err := p.check(); err != nil {
		return err
	}
	before, err := compare.ReadObservations(f.Out)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.Out, 0o755); err != nil {
		return err
	}
	rows, failed := compare.ObserveAll(ctx, all, f.Engines, before, func(e engine.Engine, missing error) {
		if missing != nil {
			fmt.Fprintf(f.Progress, "not asked: %v\n", missing)
			return
		}
		fmt.Fprintln(f.Progress, e.Name)
	}, func(rows []compare.Observation) error { return table.Write(compare.ObservationTable(f.Out, rows)) })
	if rows == nil {
		return failed
	}
	return errors.Join(failed, atomicfile.Write(path, func(w io.Writer) error { return compare.WritePage(w, all, rows) }))
}

// isEnginesPage returns an error if the file at path exists and is not the page of the engines.
func isEnginesPage(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && !bytes.HasPrefix(text, []byte("# The engines\n")) {
		err = fmt.Errorf("%s: exists and is not the page that this program writes, so it is not replaced: choose another folder", path)
	}
	return err
}
