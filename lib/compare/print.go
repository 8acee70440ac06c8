package compare

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"
)

// Print writes a table of the engines: their results at the largest k, and their build time and size.
func (r *Result) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "engine\tversion\tk > efSearch\tk\toverlap\tfill\tqueries/s\tbuild s\tMB\tdisk MB")
	for _, e := range r.Engines {
		if e.Missing != "" {
			continue
		}
		last := r.last(e.Engine)
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%.1f\t%.0f\t%.0f\n", e.Engine, e.Version, e.Observed, last.K,
			orDash(3, last.Overlap), orDash(3, last.Fill), orDash(0, last.BatchPerSecond), e.BuildTime, e.Memory, e.Disk)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, e := range r.Engines {
		if e.Missing != "" {
			if _, err := fmt.Fprintf(w, "not run: %s\n", e.Missing); err != nil {
				return err
			}
		}
	}
	return nil
}

// last returns an engine's record at the largest k of its first efSearch.
func (r *Result) last(name string) Record {
	own := slices.DeleteFunc(slices.Clone(r.Records), func(x Record) bool { return x.Engine != name })
	if len(own) == 0 {
		return Record{}
	}
	own = slices.DeleteFunc(own, func(x Record) bool { return x.EfSearch != own[0].EfSearch })
	return slices.MaxFunc(own, func(a, b Record) int { return a.K - b.K })
}

// orDash returns a number with so many decimals, or a dash for the NaN of an engine that answered with an error.
func orDash(decimals int, x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return strconv.FormatFloat(x, 'f', decimals, 64)
}
