package scale

import (
	"fmt"
	"io"
)

// Print writes what the plan computes, its tasks and its cost, as text. missing is the number of tasks whose results are not stored, and
// workers that of workers as fast as this machine, whose rates are given. If the rates are zero, no time is written.
func (p *Plan) Print(out io.Writer, missing, workers int, r Rates) {
	c := p.Cost()
	if p.Kind == KindExact {
		p.Exact.print(out)
	} else {
		e := p.Embed
		fmt.Fprintf(out, "embeddings of %d photographs of %s by %s\n", e.Images, e.Dataset, e.Weights)
		fmt.Fprintf(out, "%d tasks of %d photographs\n", c.Tasks, min(e.Block, e.Images))
	}
	fmt.Fprintf(out, "results of %d tasks are stored, %d are missing\n", c.Tasks-missing, missing)
	fmt.Fprintf(out, "%.3g FLOP; %s are read, %s of results are written\n", c.FLOP, size(c.Read), size(c.Written))
	fmt.Fprintf(out, "memory of a worker: at most %s and the program\n", size(float64(c.Memory)))
	if r.FLOP == 0 {
		return
	}
	share := float64(missing) / float64(max(1, c.Tasks))
	seconds := c.Seconds(r) * share
	fmt.Fprintf(out, "this machine: %.3g GFLOP/s, reads %s/s: %s for what is missing", r.FLOP/1e9, size(r.Read), duration(seconds))
	if workers > 1 {
		fmt.Fprintf(out, ", %s on %d such machines", duration(seconds/float64(workers)), workers)
	}
	fmt.Fprintln(out)
}

func (e *Exact) print(out io.Writer) {
	what := "every vector"
	switch q := e.Queries; {
	case q.File != nil:
		what = fmt.Sprintf("%d queries of %s", q.File.Rows, q.File.Location)
	case q.Sample > 0:
		what = fmt.Sprintf("%d vectors drawn with seed %d", q.Sample, q.Seed)
	}
	fmt.Fprintf(out, "exact neighbours of %s among the %d × %d vectors of %s, k %d, %s\n", what, e.Base.Rows, e.Base.Dim, e.Base.Location, e.K, e.Metric)
	for _, d := range []*Data{&e.Base, e.Queries.File} {
		if d != nil {
			d.printConversion(out)
		}
	}
	if se := e.StandardError(); se > 0 {
		fmt.Fprintf(out, "standard error of a mean overlap over these queries: at most %.2g\n", se)
	}
	parts := "all vectors at once"
	if e.Parts > 1 {
		parts = fmt.Sprintf("%d parts of the vectors", e.Parts)
	}
	fmt.Fprintf(out, "%d tasks: %d blocks of %d queries, %s\n", e.tasks(), e.blocks(), min(e.QueryBlock, e.count()), parts)
}

// printConversion reports that the numbers are not of the type that is computed with.
func (d *Data) printConversion(out io.Writer) {
	switch d.Kind {
	case "float32":
	case "float16", "int8", "uint8", "int16", "uint16":
		fmt.Fprintf(out, "%s: %s is converted to float32, every value exactly\n", d.Location, d.Kind)
	default:
		fmt.Fprintf(out, "%s: %s is converted to float32: values of more than 24 bits are rounded\n", d.Location, d.Kind)
	}
}

// size returns a number of bytes in a readable unit.
func size(bytes float64) string {
	for _, unit := range []string{"B", "kB", "MB", "GB", "TB"} {
		if bytes < 1000 {
			return fmt.Sprintf("%.3g %s", bytes, unit)
		}
		bytes /= 1000
	}
	return fmt.Sprintf("%.3g PB", bytes)
}

// duration returns a number of seconds in a readable unit.
func duration(seconds float64) string {
	const minute, hour = 60, 3600
	switch {
	case seconds < 2*minute:
		return fmt.Sprintf("%.3g s", seconds)
	case seconds < 2*hour:
		return fmt.Sprintf("%.3g min", seconds/minute)
	case seconds < 1000*hour:
		return fmt.Sprintf("%.3g h", seconds/hour)
	}
	return fmt.Sprintf("%.0f h", seconds/hour)
}
