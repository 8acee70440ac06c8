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

// bulkFlags holds the flags of anncapacity engines that apply to -bulk only.
type bulkFlags struct {
	enabled            bool // -bulk is given
	points, dimensions int
}

// bulkK is the k of bulk search if -k is not given.
const bulkK = 100

// check returns an error if a flag is out of range. It does not need the vectors.
func (b bulkFlags) check(o compare.Options) error {
	if len(o.K) > 1 {
		return fmt.Errorf("engines: -k %v: -bulk takes a single k", o.K)
	}
	if b.points < 2 || b.dimensions < 1 {
		return fmt.Errorf("engines: -bulk-points %d, -bulk-dimensions %d: must be at least 2 and 1", b.points, b.dimensions)
	}
	if err := ann.CheckK(bulkNeighbours(o), b.points-1); err != nil {
		return fmt.Errorf("engines: -bulk: %w", err)
	}
	return nil
}

// bulkNeighbours returns the k of bulk search.
func bulkNeighbours(o compare.Options) int {
	if len(o.K) == 1 {
		return o.K[0]
	}
	return bulkK
}

// run times exact search in bulk under every metric, on vectors derived from o.Base, and writes the times to o.Out.
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
	fmt.Fprintln(t, "engine\tmetric\tway\ttimed\tseconds for all\tbuild s\tratio\toverlap")
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
			fmt.Printf("not timed: %s, %s\n", r.Metric, r.Missing)
		}
	}
	return nil
}
