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

// diskFlags holds the flags of anncapacity storage disk.
type diskFlags struct {
	study.DiskOptions
	studySets
	vectors int
	budgets []float64
	others  bool     // whether other programs are run
	names   []string // of these; nil means all
}

func storageDiskCommand(ctx context.Context, args []string) error {
	f, err := parseDisk(args)
	if err != nil {
		return err
	}
	p := tablesPlan(f.base, f.Out, []table.Table{table.New(filepath.Join(f.Out, study.DiskFile), []study.DiskRow{})})
	p.reads = append(p.reads, f.reads()...)
	if err := p.check(); err != nil {
		return err
	}
	if err := f.open(ctx, &f.Options); err != nil {
		return err
	}
	if f.vectors > 0 {
		f.Base = f.Base.Slice(0, min(f.vectors, f.Base.N))
	}
	rows, err := study.MeasureDisk(ctx, f.DiskOptions)
	if err != nil {
		return err
	}
	if f.others {
		of, err := study.MeasurePeers(ctx, f.DiskOptions, f.budgets, f.names)
		if err != nil {
			return err
		}
		rows = append(rows, of...)
	}
	fmt.Printf("%d rows in %s\n", len(rows), filepath.Join(f.Out, study.DiskFile))
	return study.WriteDisk(f.Out, rows)
}

// parseDisk parses the flags and checks those that need no file.
func parseDisk(args []string) (f diskFlags, err error) {
	flags := flag.NewFlagSet("storage disk", flag.ContinueOnError)
	f.Progress = os.Stderr
	f.register(flags)
	flags.StringVar(&f.Out, "out", "", "`folder` for "+study.DiskFile+"; a measurement that was interrupted resumes from it (required)")
	flags.StringVar(&f.Data, "data", "SIFT", "`name` of the data in the table")
	flags.IntVar(&f.Plan.Queries, "n", 1000, "maximum `number` of test queries")
	flags.IntVar(&f.vectors, "vectors", 0, "number of base `vectors`, the first of the file; 0 means all")
	ways := flags.String("ways", "pages,sketch,kmeans,spann", "`ways` to build; see anncapacity storage build -h")
	budgets := flags.String("budgets", "4,8,16", "`bytes` of memory for each vector")
	others := flags.String("peers", "all", "other `programs` to run as well: all, none, or a list of "+strings.Join(peers.Keys(), ","))
	if err := parse(flags, args, "embeddings", "out"); err != nil {
		return f, err
	}
	if err := f.studySets.check(flags); err != nil {
		return f, err
	}
	if f.budgets, err = floats("budgets", *budgets); err != nil {
		return f, err
	}
	f.others = *others != "none"
	if f.names, err = peerNames(*others); err != nil {
		return f, err
	}
	if f.Indexes, err = study.DiskIndexes(strings.Split(*ways, ","), f.budgets); err != nil {
		return f, err
	}
	return f, atLeast(1, "n", f.Plan.Queries)
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
