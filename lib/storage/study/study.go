// Package study compares the ways to lay out vectors on storage and to choose what is read for a query: how many vectors a query
// fetches at a recall, and how much memory each way needs for it. Searches are evaluated on layouts in memory, which gives the
// counts of a file exactly; package disk measures files.
//
// A trial is a way with its settings and a seed. Each finished trial is stored as a part, and an interrupted study resumes from
// its parts.
package study

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parts"
	"anncapacity/lib/internal/progress"
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
const version = 1

// Run runs all trials of the plan, writes their rows to Options.Out and returns them.
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
		path := filepath.Join(s.dir, fmt.Sprintf("%s-%s.csv", t.name, s.key(t)))
		of, _, err := stored.Get(path, func() ([]Row, error) { return t.run(ctx) })
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
		bar.Add(1)
	}
	return rows, table.WriteRows(filepath.Join(o.Out, o.Plan.Table), rows)
}

// stored stores the rows of a trial.
var stored = parts.Kind[[]Row]{Read: table.ReadRows[Row], Write: table.WriteRows[Row]}

// trial is a way with its settings and a seed, or several that share a computation.
type trial struct {
	name     string // name of the part
	settings any    // everything that the result depends on besides the vectors, in a form that fmt prints completely
	run      func(ctx context.Context) ([]Row, error)
}

// key returns the key of a trial's part.
func (s *session) key(t trial) string {
	return parts.Key(func(sum io.Writer) {
		fmt.Fprintf(sum, "storage trial %d %s %s %+v", version, s.data, t.name, t.settings)
	})
}
