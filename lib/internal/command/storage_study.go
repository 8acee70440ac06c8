package command

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"anncapacity/lib/internal/table"
	"anncapacity/lib/storage/study"
)

func storageStudyCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("storage study", flag.ContinueOnError)
	o := study.Options{Progress: os.Stderr}
	var sets studySets
	sets.register(flags)
	flags.StringVar(&o.Out, "out", "", "`folder` for "+study.RowsFile+", or "+study.NetworksFile+" of the profile networks; a study that was interrupted resumes from it (required)")
	flags.StringVar(&o.Data, "data", "SIFT", "`name` of the data in the table")
	flags.StringVar(&o.LearnSource, "learn-source", "photographs", "`name` of the source of the learn queries in the table")
	profile := flags.String("profile", "quick", "`size` of the study: "+study.Profiles)
	if err := parse(flags, args, "embeddings", "out"); err != nil {
		return err
	}
	if err := sets.check(flags); err != nil {
		return err
	}
	smallest, err := study.PlanOf(*profile, 1, 1) // writes the same table
	if err != nil {
		return err
	}
	path := filepath.Join(o.Out, smallest.Table)
	p := tablesPlan(sets.base, o.Out, []table.Table{table.New(path, []study.Row{})})
	p.reads = append(p.reads, sets.reads()...)
	if err := p.check(); err != nil {
		return err
	}
	if err := sets.open(ctx, &o); err != nil {
		return err
	}
	if o.Plan, err = study.PlanOf(*profile, o.Base.N, o.Learn.N); err != nil {
		return err
	}
	rows, err := study.Run(ctx, o)
	if err != nil {
		return err
	}
	fmt.Printf("%d rows in %s\n", len(rows), path)
	return nil
}

// floats returns the numbers of a list separated by commas. Each must be above 0.
func floats(flag, list string) (all []float64, err error) {
	for _, text := range strings.Split(list, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(x > 0 && x < 1<<20) {
			return nil, fmt.Errorf("-%s %s: %q is not a number above 0", flag, list, text)
		}
		all = append(all, x)
	}
	return all, nil
}
