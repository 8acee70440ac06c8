package command

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"anncapacity/lib/internal/table"
	"anncapacity/lib/storage/peers"
	"anncapacity/lib/storage/study"
)

func storageDiskCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("storage disk", flag.ContinueOnError)
	o := study.DiskOptions{Options: study.Options{Progress: os.Stderr}}
	base := flags.String("embeddings", "", coordinatesHelp)
	learn := flags.String("learn", "", learnHelp)
	queries := flags.String("queries", "", "`FILE` of test queries, in a format of -embeddings (required)")
	flags.StringVar(&o.Out, "out", "", "`folder` for "+study.DiskFile+"; a measurement that was interrupted resumes from it (required)")
	flags.StringVar(&o.Data, "data", "SIFT", "`name` of the data in the table")
	flags.IntVar(&o.Plan.Queries, "n", 1000, "maximum `number` of test queries")
	vectors := flags.Int("vectors", 0, "number of base `vectors`, the first of the file; 0 means all")
	budgets := flags.String("budgets", "4,8,16", "`bytes` of memory for each vector")
	others := flags.String("peers", "all", "other `programs` to run as well: all, none, or a list of "+strings.Join(peers.Keys(), ","))
	if err := parse(flags, args, "embeddings", "learn", "queries", "out"); err != nil {
		return err
	}
	memory, err := floats("budgets", *budgets)
	if err != nil {
		return err
	}
	if err := atLeast(1, "n", o.Plan.Queries); err != nil {
		return err
	}
	names, err := peerNames(*others)
	if err != nil {
		return err
	}
	p := tablesPlan(*base, o.Out, []table.Table{table.New(filepath.Join(o.Out, study.DiskFile), []study.DiskRow{})})
	p.reads = append(p.reads, input{"learn", *learn}, input{"queries", *queries})
	if err := p.check(); err != nil {
		return err
	}
	if err := openStudy(ctx, &o.Options, *base, *learn, *queries); err != nil {
		return err
	}
	if *vectors > 0 {
		o.Base = o.Base.Slice(0, min(*vectors, o.Base.N))
	}
	o.Indexes = study.DiskIndexes(memory)
	rows, err := study.MeasureDisk(ctx, o)
	if err != nil {
		return err
	}
	if *others != "none" {
		of, err := study.MeasurePeers(ctx, o, memory, names)
		if err != nil {
			return err
		}
		rows = append(rows, of...)
	}
	fmt.Printf("%d rows in %s\n", len(rows), filepath.Join(o.Out, study.DiskFile))
	return study.WriteDisk(o.Out, rows)
}

// peerNames returns the programs of a list. It is nil for all.
func peerNames(list string) (names []string, err error) {
	if list == "all" || list == "none" {
		return nil, nil
	}
	for _, name := range strings.Split(list, ",") {
		if !slices.Contains(peers.Keys(), name) {
			return nil, fmt.Errorf("-peers %s: %q is not one of %s", list, name, strings.Join(peers.Keys(), ","))
		}
		names = append(names, name)
	}
	return names, nil
}
