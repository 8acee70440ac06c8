// Package study compares the ways to lay out vectors on storage and to choose what is read for a query: how many vectors a query
// fetches at a recall, and how much memory each way needs for it. Searches are evaluated on layouts in memory, which gives the
// counts of a file exactly; MeasureDisk measures files.
//
// A trial is a way with its settings and a seed. Each finished trial is stored as a part, and an interrupted study resumes from
// its parts.
package study

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/internal/sealed"
	"anncapacity/lib/internal/table"
)

// Names of the tables that Run writes to Options.Out: of the ways without a network, or of all ways in the quick plan, and of the
// networks of the committed study.
const (
	RowsFile     = "storage.csv"
	NetworksFile = "storage_networks.csv"
)

// Options holds the inputs of a study.
type Options struct {
	Data                 string          // what the vectors are, such as SIFT
	Base, Learn, Queries ann.Coordinates // of one type and dimension; no learn query and no query is in the base
	LearnSource          string          // where the learn queries come from, such as photographs
	Out                  string          // folder of the results and of the parts
	Plan                 Plan
	Progress             io.Writer // nil shows nothing
}

// version changes whenever the computation of a trial changes.
const version = 2

// Run runs all trials of the plan, writes their rows to the table of the plan in Options.Out and returns them. Rows of other data, of
// other numbers of base vectors, and of networks with learn queries from another source, stay in the table.
func Run(ctx context.Context, o Options) ([]Row, error) {
	s, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	trials := s.trials()
	bar := progress.New(s.Progress, "", len(trials), "")
	defer bar.Stop()
	var rows []Row
	for _, t := range trials {
		bar.Describe(t.name)
		path := filepath.Join(s.dir, fmt.Sprintf("%s-%s.rows", t.name, s.key(t)))
		of, _, err := stored.Get(path, func() ([]Row, error) { return t.run(ctx) })
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
		bar.Add(1)
	}
	return rows, store(filepath.Join(o.Out, o.Plan.Table), o, rows)
}

// store writes the rows to a table, after the rows that it holds of other data, of other numbers of base vectors or of learn queries
// from another source.
func store(path string, o Options, rows []Row) error {
	kept, err := table.ReadRows[Row](path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	bases := make(map[int]bool)
	for _, r := range rows {
		bases[r.Base] = true
	}
	kept = slices.DeleteFunc(kept, func(r Row) bool {
		return r.Data == o.Data && bases[r.Base] && (r.Source == "" || r.Source == o.LearnSource)
	})
	return table.WriteRows(path, append(kept, rows...))
}

// stored stores the rows of a trial with a checksum, so that no damage passes for fewer or other rows.
var stored = parts.Kind[[]Row]{
	Read: func(path string) (rows []Row, err error) {
		_, err = readSealed(path, rowsKind, &rows)
		return rows, err
	},
	Write: func(path string, rows []Row) error { return writeSealed(path, rowsKind, rows) },
}

// Kinds of parts.
const (
	rowsKind = "anncapacity storage rows 1"
	idsKind  = "anncapacity storage nearest 1"
)

// readSealed reads a file of writeSealed: its header and a reader of its numbers.
func readSealed(path, kind string, header any) (*bytes.Reader, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r, err := sealed.Open(content, kind, header)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove it to compute it again", path, err)
	}
	return r, nil
}

func writeSealed(path, kind string, header any, numbers ...any) error {
	content, err := sealed.Seal(kind, header, numbers...)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// trial is a way with its settings and a seed, or several that share a computation.
type trial struct {
	name     string // name of the part
	settings any    // everything that the result depends on besides the vectors, in a form that fmt prints completely
	run      func(ctx context.Context) ([]Row, error)
}

// key returns the key of a trial's part.
func (s *session) key(t trial) string {
	return parts.Key(func(sum io.Writer) {
		fmt.Fprintf(sum, "storage trial %d %s %q %q %s %+v", version, s.data, s.Data, s.LearnSource, t.name, t.settings)
	})
}
