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

func storageStudyCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("storage study", flag.ContinueOnError)
	o := study.Options{Progress: os.Stderr}
	base := flags.String("embeddings", "", coordinatesHelp)
	learn := flags.String("learn", "", "`FILE` of learn queries, in a format of -embeddings (required)")
	queries := flags.String("queries", "", "`FILE` of test queries, in a format of -embeddings (required)")
	flags.StringVar(&o.Out, "out", "", "`folder` for "+study.RowsFile+"; a study that was interrupted resumes from it (required)")
	flags.StringVar(&o.Data, "data", "SIFT", "`name` of the data in the table")
	flags.StringVar(&o.LearnSource, "learn-source", "photographs", "`name` of the source of the learn queries in the table")
	profile := flags.String("profile", "quick", "`size` of the study: "+study.Profiles)
	if err := parse(flags, args, "embeddings", "learn", "queries", "out"); err != nil {
		return err
	}
	p := tablesPlan(*base, o.Out, []table.Table{table.New(filepath.Join(o.Out, study.RowsFile), []study.Row{})})
	p.reads = append(p.reads, input{"learn", *learn}, input{"queries", *queries})
	if err := p.check(); err != nil {
		return err
	}
	var err error
	if o.Base, err = openCoordinates(ctx, *base); err != nil {
		return err
	}
	if o.Learn, err = openCoordinates(ctx, *learn); err != nil {
		return err
	}
	if o.Queries, err = openCoordinates(ctx, *queries); err != nil {
		return err
	}
	if o.Plan, err = study.PlanOf(*profile, o.Base.N, o.Learn.N); err != nil {
		return err
	}
	rows, err := study.Run(ctx, o)
	if err != nil {
		return err
	}
	fmt.Printf("%d rows in %s\n", len(rows), filepath.Join(o.Out, study.RowsFile))
	return nil
}
