package command

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"anncapacity/lib/internal/table"
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
	others := flags.Bool("peers", true, "also run the other programs that `make storage-peers` installed")
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
	if *others {
		of, err := study.MeasurePeers(ctx, o, memory)
		if err != nil {
			return err
		}
		rows = append(rows, of...)
	}
	fmt.Printf("%d rows in %s\n", len(rows), filepath.Join(o.Out, study.DiskFile))
	return study.WriteDisk(o.Out, rows)
}
