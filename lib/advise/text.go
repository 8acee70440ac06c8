package advise

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
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

// String returns the report as text: the advice, followed by the method.
func (r *Report) String() string {
	t := &page{p: message.NewPrinter(language.English)}
	t.line("%s: %d vectors of %d dimensions; wanted: recall %v at k = %d", r.Name, r.N, r.D, r.Recall, r.K)
	t.line("")
	r.answer(t)
	if len(r.Settings) > 1 {
		t.line("\nAll indexes:\n")
		r.settings(t)
	}
	r.policies(t)
	t.line("\nMethod\n")
	r.method(t)
	return t.String()
}

// answer writes the advised efSearch, or the reason why there is none.
func (r *Report) answer(t *page) {
	if r.Best == nil {
		r.none(t)
		return
	}
	s := r.Settings[*r.Best]
	t.line("Set efSearch = %d (α = efSearch / k = %.2f) on an index with M = %d and efConstruction = %d.", s.Mean.EfSearch, s.Mean.Alpha, s.M, s.EfConstruction)
	t.line("  The mean recall is then %.4f%s, and %.1f %% of the queries each reach %v, in the worst of %d graphs.", s.Mean.Recall, s.Mean.margin(), 100*s.Mean.Reached, r.Recall, len(s.Builds))
	if len(s.Builds) > 1 {
		t.line("  The graphs were built as FAISS and hnswlib build them, with several seeds and orders of insertion (see the list at the end).")
	} else {
		t.line("  Other graphs may need a larger efSearch: build several (-builds 8).")
	}
	if s.Mean.Recall-s.Mean.Same > 5e-5 {
		t.line("  Answers as near as the k-th exact neighbour count as correct. If only the k exact neighbours themselves count, the recall is")
		t.line("  about %.4f: engines may return any of several equally distant points.", s.Mean.Same)
	}
	r.cost(t, s.Mean)
	if s.Erratic {
		t.line("  Warning: depending on seed and order of insertion, the graphs need very different efSearch (see the list at the end). The")
		t.line("  graph of an engine may be worse than all of them.")
		r.remedy(t)
	}
	if s.Mean.AnyPolicy > s.Mean.EfSearch {
		t.line("  This efSearch is below k + 1 (one of the answers is the query). It is sufficient for engines that leave missing slots")
		t.line("  empty (FAISS) or that raise efSearch; engines that truncate or reject need efSearch = %d.", s.Mean.AnyPolicy)
	}
	if s.Each == nil {
		t.line("There is no efSearch with which %.1f %% of the queries each reach %v in every graph: for some queries, too few neighbours", 100*r.Share, r.Recall)
		t.line("are reachable from the node where the search begins.")
		if !s.Erratic {
			r.remedy(t)
		}
		return
	}
	t.line("For %.1f %% of the queries to each reach %v, set efSearch = %d (α = %.2f).", 100*r.Share, r.Recall, s.Each.EfSearch, s.Each.Alpha)
	r.cost(t, s.Each)
}

// none writes why there is no advice, and what to do about it.
func (r *Report) none(t *page) {
	t.line("No efSearch gives a mean recall of %v at k = %d in every graph.", r.Recall, r.K)
	for _, s := range r.Settings {
		t.line("  M = %d, efConstruction = %d: at most %.4f for any efSearch in a graph built %s,", s.M, s.EfConstruction, s.Highest, s.Decides)
		t.line("  because the other neighbours are not reachable from the nodes where the searches begin (no search visits %d of the %d nodes).", s.Unreachable, r.N)
		reach, largest := 0, 0
		for _, b := range s.Builds {
			if b.EfSearch != nil {
				reach, largest = reach+1, max(largest, *b.EfSearch)
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
	if r.Copies == 0 {
		t.line("  What to do: raise M or efConstruction, or insert the vectors in random order.")
		return
	}
	t.line("  %s of the rows are equal to another row, in groups of up to %d rows. Equal points link mostly to one another, so that links", share(r.Copies, r.N), r.Largest)
	t.line("  to other points are lost. What to do: index one row of each group and store a list of the other rows with it; or raise M.")
}

// margin returns the uncertainty of the recall on a sample of queries, or "".
func (a *Advice) margin() string {
	if a.Margin == 0 {
		return ""
	}
	return fmt.Sprintf(" (± %.4f for all points, since only some were queries)", a.Margin)
}

func (r *Report) cost(t *page, a *Advice) {
	t.line("  A search then visits %.0f nodes on average (%.1f %% of all), and at most %d in 99 %% of the searches.", a.Visited, 100*a.VisitShare, a.Visited99)
	if a.VisitShare > 0.5 {
		t.line("  These are most of the points: exact search takes little longer and finds all neighbours.")
	}
}

// settings writes a table with one line for each setting.
func (r *Report) settings(t *page) {
	w := tabwriter.NewWriter(t, 0, 0, 2, ' ', tabwriter.AlignRight)
	t.p.Fprintln(w, "  M\tefConstruction\tlinks\tunreachable\tefSearch\tα\tvisited, mean\tvisited, 99 %\tefSearch, 99.9 % of queries\tα\t")
	for _, s := range r.Settings {
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

// policies writes the answers to requests with k > efSearch on the shown setting, and the engines that give them.
func (r *Report) policies(t *page) {
	s := r.shown()
	if len(s.Policies) == 0 {
		return
	}
	t.line("\nAnswers of engines for k = %d when efSearch is smaller (M = %d, efConstruction = %d, built %s):\n", r.K, s.M, s.EfConstruction, s.Decides)
	w := tabwriter.NewWriter(t, 0, 0, 2, ' ', 0)
	t.p.Fprintln(w, "efSearch\tpolicy\tmean recall\tanswers, mean\tqueries with fewer than k")
	for _, row := range s.Policies {
		if row.Rejected {
			t.p.Fprintf(w, "%d\t%s\tan error\t\t\n", row.EfSearch, row.Policy)
			continue
		}
		t.p.Fprintf(w, "%d\t%s\t%.4f\t%.1f\t%.2f %%\n", row.EfSearch, row.Policy, row.Recall, row.Length, 100*row.Short)
	}
	w.Flush()
	t.line("")
	printed := map[string]bool{}
	for _, row := range s.Policies {
		if name := fmt.Sprint(row.Policy); !printed[name] {
			printed[name] = true
			t.line("%s: %s", name, row.Engines)
		}
	}
}

// method writes how the numbers of the report were obtained.
func (r *Report) method(t *page) {
	if r.AllQueries {
		t.line("  Queries: all points, each removed from its own answer by identity.")
	} else {
		t.line("  Queries: %d points, drawn with seed %d, each removed from its own answer by identity.", r.Queries, r.Seed)
	}
	if r.OnMatrix {
		t.line("  Graphs and searches: on the matrix of all distances.")
	} else {
		t.line("  Graphs and searches: on the vectors, since the matrix of all distances exceeds the memory limit.")
	}
	t.line("  Distance: L2 on the vectors as they are (for cosine, normalise them first). Truth: exact search.")
	t.line("  efSearch: the query is an indexed point, so an engine must return k + 1 answers, from which the query is removed. The")
	t.line("  advised efSearch is the smallest that is sufficient, not an estimate: every efSearch was considered.")
	t.line("  Recall: share of the k answers that are not farther than the k-th exact neighbour.")
	t.line("  Visited: distances computed on level 0.")
	if r.Ties > 0 {
		t.line("  %s of the queries have ties at rank k: several points are at the distance of the k-th neighbour.", share(r.Ties, r.Queries))
	}
	if r.Copies > 0 {
		t.line("  %s of the rows are equal to another row, in groups of up to %d rows.", share(r.Copies, r.N), r.Largest)
	}
	r.builds(t)
}

// builds writes a table of the graphs of the shown setting.
func (r *Report) builds(t *page) {
	s := r.shown()
	t.line("  Graphs with M = %d and efConstruction = %d, and the efSearch that each needs (the largest is the advice):\n", s.M, s.EfConstruction)
	w := tabwriter.NewWriter(t, 0, 0, 2, ' ', 0)
	t.p.Fprintln(w, "    built\tseed\tlinks\tunreachable\thighest recall\tefSearch\tefSearch, 99.9 % of queries")
	for _, b := range s.Builds {
		t.p.Fprintf(w, "    %s\t%s\t%.1f\t%d\t%.4f\t%s\t%s\n", b.As, strconv.FormatUint(b.Seed, 10), b.MeanLinks, b.Unreachable, b.Highest, orNone(b.EfSearch), orNone(b.EachEfSearch))
	}
	w.Flush()
}

func orNone(ef *int) string {
	if ef == nil {
		return "none"
	}
	return strconv.Itoa(*ef)
}

// shown returns the best setting, or the first if there is no best.
func (r *Report) shown() Setting {
	if r.Best == nil {
		return r.Settings[0]
	}
	return r.Settings[*r.Best]
}

func share(part, all int) string { return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(all)) }
