package command

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"anncapacity/lib/compare"
)

// searchFiltered searches with filters and after deletions, and prints the records.
func (f *engineFlags) searchFiltered(ctx context.Context) error {
	records, err := compare.Filters(ctx, f.Options)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "engine\tkind\tcorrelation\tshare\tnearby\tk\tefSearch\toverlap\tfill\twrong\tqueries/s\terror")
	for _, r := range records {
		fmt.Fprintf(t, "%s\t%s\t%s\t%v\t%.3f\t%d\t%d\t%.3f\t%.3f\t%d\t%.0f\t%s\n", r.Engine, r.Kind, r.Correlation, r.Share, r.Nearby, r.K, r.EfSearch, r.Overlap, r.Fill, r.Wrong, r.PerSecond, r.Error)
	}
	return t.Flush()
}
