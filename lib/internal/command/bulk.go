package command

import (
	"context"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
)

// bulkFlags are those of anncapacity engines -bulk, which has the others in common with the comparison.
type bulkFlags struct {
	wanted             bool
	points, dimensions int
}

// bulkK is asked for where -k is not given.
const bulkK = 100

// check checks the numbers before the vectors are read.
func (b bulkFlags) check(o compare.Options) error {
	if len(o.K) > 1 {
		return fmt.Errorf("engines: -bulk asks for one k, not for %v", o.K)
	}
	if b.points < 2 || b.dimensions < 1 {
		return fmt.Errorf("engines: -bulk-points %d, -bulk-dimensions %d: must be at least 2 and 1", b.points, b.dimensions)
	}
	if err := ann.CheckK(bulkNeighbours(o), b.points-1); err != nil {
		return fmt.Errorf("engines: -bulk: %w", err)
	}
	return nil
}

// bulkNeighbours is the k that is asked for.
func bulkNeighbours(o compare.Options) int {
	if len(o.K) == 1 {
		return o.K[0]
	}
	return bulkK
}

// run times exact search in bulk on vectors made of o.Base, under every metric, in o.Out.
func (b bulkFlags) run(ctx context.Context, o compare.Options) error {
	k := bulkNeighbours(o)
	rows, err := compare.BulkAll(ctx, compare.BulkOptions{
		Base: compare.BulkVectors(o.Base, b.points, b.dimensions, o.Seed), K: k, Engines: slices.DeleteFunc(o.Engines, neitherExactNorCompared),
		EfSearch: max(o.EfSearch, k+1), Index: o.Index, Progress: o.Progress,
	}, ann.Metrics, o.Out)
	if err != nil {
		return err
	}
	return printBulk(rows)
}

// neitherExactNorCompared reports whether an engine is left out of bulk search.
func neitherExactNorCompared(e engine.Engine) bool {
	return !e.Exact() && !e.Bulk
}

func printBulk(rows []compare.BulkRow) error {
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "engine\tmetric\tway\tmeasured\tseconds for all\tbuild s\tratio\toverlap")
	for _, r := range rows {
		if r.Missing == "" {
			fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%.1f\t%.1f\t%.2f\t%.3f\n", r.Engine, r.Metric, r.Way, r.Measured, r.Seconds, r.Build, r.Ratio, r.Overlap)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range rows {
		if r.Missing != "" {
			fmt.Printf("not measured: %s, %s\n", r.Metric, r.Missing)
		}
	}
	return nil
}
