package study

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"anncapacity/lib/storage/layout"
)

// String returns the advice as text: what to build, what less and more memory would change, and a table of all ways.
func (a *Advice) String() string {
	var t strings.Builder
	p := message.NewPrinter(language.English)
	line := func(format string, args ...any) {
		p.Fprintf(&t, format, args...)
		t.WriteByte('\n')
	}
	line("%s: %d base vectors; wanted: recall@%d of %v on queries from %s", a.Data, a.Base, a.K, a.Recall, a.Test)
	line("")
	b := a.Best
	line("Use the way %s (%s).", b.Way, b.Name)
	line("  It keeps %.1f bytes a vector in memory, %.1f MB in all.", b.Memory, a.megabytes(b))
	line("  A query reads %.1f vectors in %.1f pages of 4 KiB (%.1f kB), in %.1f steps; the pages of a step are read at the same time.",
		b.Vectors, b.Pages, b.kilobytes(), b.Steps)
	line("  The search is stopped by %s (%s).%s", ruleInWords(b.Rule), b.Rule, seedsInWords(b.Seeds))
	line("  To build it: anncapacity storage build --way %s%s --embeddings … --learn … --out …", b.Way, memoryFlag(b))
	if d := a.Disk; d != nil {
		line("  On the disk of the study: %.2f ms a query (median), %.2f ms if the pages are in memory; %.1f reads, %.1f kB; recall %.4f.",
			d.Cold, d.Warm, d.Reads, d.Bytes/1000, d.Recall)
	}
	line("")
	line("%s", a.lessInWords(p))
	line("%s", a.moreInWords(p))
	line("")
	line("The best size and rule of every way within a memory, the fewest pages first:")
	line("")
	a.table(&t)
	return t.String()
}

// megabytes returns the memory of a choice for all vectors.
func (a *Advice) megabytes(c Choice) float64 { return c.Memory * float64(a.Base) / 1e6 }

func (c Choice) kilobytes() float64 { return c.Pages * layout.PageBytes / 1000 }

// memoryFlag returns the flag of storage build, if the way has a choice of memory.
func memoryFlag(c Choice) string {
	if c.Budget == 0 {
		return ""
	}
	return fmt.Sprintf(" --memory %v", c.Budget)
}

func seedsInWords(seeds int) string {
	if seeds < 2 {
		return " One seed was studied."
	}
	return fmt.Sprintf(" The numbers are means over %d seeds.", seeds)
}

// lessInWords says what half of the memory costs.
func (a *Advice) lessInWords(p *message.Printer) string {
	c := a.Less
	if c == nil {
		return p.Sprintf("No way was studied with half of that memory.")
	}
	return p.Sprintf("With less memory: %s with %.1f bytes a vector (%.1f MB) reads %.1f vectors in %.1f pages, %.1f times as many.",
		c.Way, c.Memory, a.megabytes(*c), c.Vectors, c.Pages, c.Pages/a.Best.Pages)
}

// moreInWords says what more memory saves.
func (a *Advice) moreInWords(p *message.Printer) string {
	c := a.More
	if c == nil {
		return p.Sprintf("More memory than that saves less than %.0f %% of the pages, as far as it was studied.", 100*(1-1/nearFewest))
	}
	return p.Sprintf("More memory than the limit: %s with %.1f bytes a vector (%.1f MB) reads %.1f vectors in %.1f pages, %.0f %% fewer.",
		c.Way, c.Memory, a.megabytes(*c), c.Vectors, c.Pages, 100*(1-c.Pages/a.Best.Pages))
}

// table writes the budgets.
func (a *Advice) table(t *strings.Builder) {
	w := tabwriter.NewWriter(t, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "within\tmemory\tvectors\tpages\tsteps\tstop\tway\t")
	for _, b := range a.Budgets {
		within := fmt.Sprint(b.Bytes)
		for _, c := range b.Choices {
			fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t%s\t%s\t\n", within, c.Memory, c.Vectors, c.Pages, c.Steps, c.Rule, c.Way)
			within = ""
		}
	}
	w.Flush()
	t.WriteString("\nMemory is in bytes for each vector, costs are means of a query.\n")
}
