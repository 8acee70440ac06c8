package advise

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"anncapacity/lib/report"
)

// page is a text in which numbers have thousands separators.
type page struct {
	strings.Builder
	p *message.Printer
}

func (t *page) line(format string, args ...any) {
	t.p.Fprintf(t, format, args...)
	t.WriteByte('\n')
}

// String returns the report as text: the advice for each k, followed by the method.
func (r *Report) String() string {
	t := &page{p: message.NewPrinter(language.English)}
	for i, x := range r.shown() {
		if i > 0 {
			t.line("")
		}
		t.line("%s: %d vectors of %d dimensions, %s; wanted: recall %v at k = %d", r.Name, r.N, r.D, r.Metric, r.Wanted, x.K)
		t.line("")
		r.answer(t, x)
		if all := r.of(x.K); len(all) > 1 {
			t.line("\nAll indexes:\n")
			settings(t, all)
		}
		r.policies(t, x)
	}
	t.line("\nMethod\n")
	r.method(t)
	return t.String()
}

// of returns the indexes for k.
func (r *Report) of(k int) (all []report.Index) {
	for _, x := range r.Indexes {
		if x.K == k {
			all = append(all, x)
		}
	}
	return all
}

// answer writes the advised efSearch, or the reason why there is none.
func (r *Report) answer(t *page, x report.Index) {
	if x.Mean == nil {
		r.none(t, x)
		return
	}
	if value, err := r.words.value(x.Mean.EfSearch, x.K); err != nil {
		t.line("There is no setting of %s for this: %v.", r.Engine, err)
	} else {
		t.line("Set %s = %d (α = efSearch / k = %.2f) on an index with M = %d and efConstruction = %d.", r.words.Parameter(), value, x.Mean.Alpha, x.M, x.EfConstruction)
		r.statement(t, value, x.K)
	}
	r.promise(t, x)
	r.cost(t, x.Mean)
	if x.Erratic {
		t.line("  Warning: depending on seed and order of insertion, the graphs need very different efSearch (see the list at the end). The")
		t.line("  graph of an engine may be worse than all of them.")
		r.remedy(t)
	}
	if r.words.Key == "" && x.Mean.AnyPolicy > x.Mean.EfSearch {
		t.line("  This efSearch is below the %d requested answers. It is sufficient for engines that leave missing slots empty (FAISS) or", r.words.asked(x.K))
		t.line("  that raise efSearch; engines that truncate or reject need efSearch = %d.", x.Mean.AnyPolicy)
	}
	r.share(t, x)
}

// statement writes what sets the value in the engine, and what else to know.
func (r *Report) statement(t *page, value, k int) {
	if r.words.Key == "" {
		return
	}
	t.WriteString("\n    " + r.words.statement(value, k) + "\n\n")
	t.line("  When k exceeds it, %s %s.", r.words.Name, r.words.Documented)
	for _, note := range r.words.Notes {
		t.line("  %s", note)
	}
}

// promise writes the bound, the verified recall, and what another graph changes.
func (r *Report) promise(t *page, x report.Index) {
	m := r.Method
	t.line("  With 95 %% confidence the mean recall is then at least %v on other queries of the same kind: the lower bound on %d queries", r.Wanted, m.CalibratedOn)
	t.line("  is %.4f in the worst of %d graphs, with a mean recall of %.4f by distance, which counts, and %.4f by identity.", x.Mean.Bound, len(x.Builds), x.Mean.Recall, x.Mean.Same)
	if m.VerifiedOn == 0 {
		t.line("  There were too few queries to verify it on others.")
	} else {
		t.line("  Verified on %d other queries: recall %.4f, and %.1f %% of them each reach %v.", m.VerifiedOn, x.Mean.Verified, 100*x.Mean.VerifiedEach, r.Wanted)
		if x.Mean.Verified < r.Wanted {
			t.line("  Warning: that is below the wanted recall. It is the mean of these queries on the worst graph, and varies by chance: less")
			t.line("  with more queries. A higher -recall gives a reserve.")
		}
	}
	if len(x.Builds) == 1 {
		t.line("  Other graphs may need a larger efSearch: build several (-builds 8).")
		return
	}
	least, most := x.Mean.EfSearch, 0
	for _, b := range x.Builds {
		least, most = min(least, *b.EfSearch), max(most, *b.EfSearch)
	}
	t.line("  Another seed or order of insertion: the graphs need efSearch %d to %d, and the largest is advised. They were built as FAISS", least, most)
	t.line("  and hnswlib build them. Without the allowance for other queries, %d suffices.", x.Observed.EfSearch)
}

// share writes the efSearch with which a share of the queries each reach the recall.
func (r *Report) share(t *page, x report.Index) {
	percent := strconv.FormatFloat(100*r.Method.Share, 'g', -1, 64)
	if x.Each != nil {
		t.line("For %s %% of the queries to each reach %v, set efSearch = %d (α = %.2f).", percent, r.Wanted, x.Each.EfSearch, x.Each.Alpha)
		t.line("  The lower bound of the share is %.4f; %.4f of the queries do, of the others %.4f.", x.Each.Bound, x.Each.Reached, x.Each.VerifiedEach)
		r.cost(t, x.Each)
		return
	}
	if m := r.Method; m.CalibratedOn < m.NeededForEach || m.NeededForEach == 0 {
		t.line("%d queries are too few to show that %s %% of the queries each reach %v%s.", m.CalibratedOn, percent, r.Wanted, needed(t, m.NeededForEach))
		return
	}
	t.line("There is no efSearch with which, by its lower bound, %s %% of the queries each reach %v in every graph: for some queries, too few", percent, r.Wanted)
	t.line("neighbours are reachable from the node where the search begins.")
	if !x.Erratic {
		r.remedy(t)
	}
}

// needed returns how many queries are needed, for the end of a sentence.
func needed(t *page, n int) string {
	if n == 0 {
		return "; no number of queries shows that all do"
	}
	return t.p.Sprintf(": at least %d are needed", n)
}

// none writes why there is no advice, and what to do about it.
func (r *Report) none(t *page, x report.Index) {
	if x.Observed != nil {
		t.line("No efSearch is shown to give a mean recall of %v at k = %d: %s.", r.Wanted, x.K, r.reason(x))
		return
	}
	t.line("No efSearch gives a mean recall of %v at k = %d in every graph.", r.Wanted, x.K)
	for _, s := range r.of(x.K) {
		t.line("  M = %d, efConstruction = %d: at most %.4f for any efSearch in a graph built %s,", s.M, s.EfConstruction, s.Highest, s.Decides)
		t.line("  because the other neighbours are not reachable from the nodes where the searches begin (no search visits %d of the %d nodes).", s.Unreachable, r.N)
		reach, largest := 0, 0
		for _, b := range s.Builds {
			if b.Observed != nil {
				reach, largest = reach+1, max(largest, *b.Observed)
			}
		}
		if reach > 0 {
			t.line("  %d of the %d graphs reach it, with efSearch up to %d, depending on the seed and the order of insertion.", reach, len(s.Builds), largest)
		}
	}
	r.remedy(t)
}

// remedy writes how to obtain a better connected graph.
func (r *Report) remedy(t *page) {
	if r.Method.Copies == 0 {
		t.line("  What to do: raise M or efConstruction, or insert the vectors in random order.")
		return
	}
	t.line("  %s of the rows are equal to another row, in groups of up to %d rows. Equal points link mostly to one another, so that links", share(r.Method.Copies, r.N), r.Method.Largest)
	t.line("  to other points are lost. What to do: index one row of each group and store a list of the other rows with it; or raise M.")
}

func (r *Report) cost(t *page, a *report.Need) {
	t.line("  A search then visits %.0f nodes on average (%.1f %% of all), and at most %d in 99 %% of the searches.", a.Visited, 100*a.VisitShare, a.Visited99)
	if a.VisitShare > 0.5 {
		t.line("  These are most of the points: exact search takes little longer and finds all neighbours.")
	}
}

func share(part, all int) string { return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(all)) }

// settings writes a table with one line for each index.
func settings(t *page, all []report.Index) {
	w := tabwriter.NewWriter(t, 0, 0, 2, ' ', tabwriter.AlignRight)
	t.p.Fprintln(w, "  M\tefConstruction\tlinks\tunreachable\tefSearch\tα\tvisited, mean\tvisited, 99 %\tefSearch, share of queries\tα\t")
	for _, s := range all {
		t.p.Fprintf(w, "%d\t%d\t%.1f\t%d\t", s.M, s.EfConstruction, s.MeanLinks, s.Unreachable)
		if s.Mean == nil {
			t.p.Fprint(w, "none\t\t\t\t")
		} else {
			t.p.Fprintf(w, "%d\t%.2f\t%.0f\t%d\t", s.Mean.EfSearch, s.Mean.Alpha, s.Mean.Visited, s.Mean.Visited99)
		}
		if s.Each == nil {
			t.p.Fprint(w, "none\t\t\n")
		} else {
			t.p.Fprintf(w, "%d\t%.2f\t\n", s.Each.EfSearch, s.Each.Alpha)
		}
	}
	w.Flush()
}
