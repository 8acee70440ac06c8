package advise

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// page is a text with thousands separated.
type page struct {
	strings.Builder
	p *message.Printer
}

func (t *page) line(format string, args ...any) {
	t.p.Fprintf(t, format, args...)
	t.WriteByte('\n')
}

// String is the report for a reader: the answer, then what it rests on.
func (r *Report) String() string {
	t := &page{p: message.NewPrinter(language.English)}
	t.line("%s: %d vectors of %d dimensions; wanted: recall %v at k = %d", r.Name, r.N, r.D, r.Recall, r.K)
	t.line("")
	r.answer(t)
	if len(r.Settings) > 1 {
		t.line("\nEvery index asked about:\n")
		r.settings(t)
	}
	r.policies(t)
	t.line("\nHow this was measured\n")
	r.method(t)
	return t.String()
}

// answer is the efSearch to set, or why there is none.
func (r *Report) answer(t *page) {
	if r.Best == nil {
		r.none(t)
		return
	}
	s := r.Settings[*r.Best]
	t.line("Set efSearch = %d (α = efSearch / k = %.2f) on an index with M = %d and efConstruction = %d.", s.Mean.EfSearch, s.Mean.Alpha, s.M, s.EfConstruction)
	t.line("  Mean recall is then %.4f%s, and %.1f %% of the queries reach %v themselves, on the worst of %d graphs measured.", s.Mean.Recall, s.Mean.margin(), 100*s.Mean.Reached, r.Recall, len(s.Builds))
	if len(s.Builds) > 1 {
		t.line("  They were built as FAISS and hnswlib build them, over several seeds and orders of insertion, listed at the end.")
	} else {
		t.line("  Other graphs may need more: measure several (-builds 8).")
	}
	if s.Mean.Recall-s.Mean.Same > 5e-5 {
		t.line("  Answers as near as the k-th exact neighbour count as right. Counting only the k exact neighbours themselves, recall is")
		t.line("  about %.4f: which of several equally far points an engine returns is chance.", s.Mean.Same)
	}
	r.cost(t, s.Mean)
	if s.Erratic {
		t.line("  Be careful: by order and seed the graphs differ much in what they need (see the list at the end), so an engine's graph may be")
		t.line("  worse than all of these.")
		r.remedy(t)
	}
	if s.Mean.AnyPolicy > s.Mean.EfSearch {
		t.line("  This efSearch is below k + 1 (the query takes one place): it is enough where missing slots stay empty (FAISS)")
		t.line("  or where the engine raises it; engines that truncate or reject need efSearch = %d.", s.Mean.AnyPolicy)
	}
	if s.Each == nil {
		t.line("No efSearch lets %.1f %% of the queries reach %v themselves on every graph: from where some searches begin, no links lead to", 100*r.Share, r.Recall)
		t.line("enough of their neighbours.")
		if !s.Erratic {
			r.remedy(t)
		}
		return
	}
	t.line("For %.1f %% of the queries to reach %v themselves, set efSearch = %d (α = %.2f).", 100*r.Share, r.Recall, s.Each.EfSearch, s.Each.Alpha)
	r.cost(t, s.Each)
}

// none says why there is no advice, and what to do about it.
func (r *Report) none(t *page) {
	t.line("No efSearch gives a mean recall of %v at k = %d on every graph that was built.", r.Recall, r.K)
	for _, s := range r.Settings {
		t.line("  M = %d, efConstruction = %d: at most %.4f on a graph built %s, however large efSearch is,", s.M, s.EfConstruction, s.Highest, s.Decides)
		t.line("  because no links lead from where searches begin to the other neighbours (%d of the %d nodes are reached by no search).", s.Unreachable, r.N)
		reach, largest := 0, 0
		for _, b := range s.Builds {
			if b.EfSearch != nil {
				reach, largest = reach+1, max(largest, *b.EfSearch)
			}
		}
		if reach > 0 {
			t.line("  %d of the %d graphs do reach it, with efSearch up to %d: the seed and the order of insertion decide.", reach, len(s.Builds), largest)
		}
	}
	r.remedy(t)
}

// remedy says what helps against graphs that fall apart.
func (r *Report) remedy(t *page) {
	if r.Copies == 0 {
		t.line("  What to do: raise M or efConstruction, or insert the vectors in random order.")
		return
	}
	t.line("  %s of the rows are equal to another row, up to %d to one another. Equal points link to one another, so that links to", share(r.Copies, r.N), r.Largest)
	t.line("  the rest are lost. What to do: index one row of each group of equals and keep a list of the others beside it; or raise M.")
}

// margin is the uncertainty of a recall on a sample.
func (a *Advice) margin() string {
	if a.Margin == 0 {
		return ""
	}
	return fmt.Sprintf(" (± %.4f for all points: only some were queries)", a.Margin)
}

func (r *Report) cost(t *page, a *Advice) {
	t.line("  A search then visits %.0f nodes on average (%.1f %% of all), and at most %d in 99 %% of the searches.", a.Visited, 100*a.VisitShare, a.Visited99)
	if a.VisitShare > 0.5 {
		t.line("  That is most of the points: exact search takes hardly longer and misses nothing.")
	}
}

// settings is one line for every index.
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

// policies shows the answers to k > efSearch on the best index, or on the first where none is, and whose they are.
func (r *Report) policies(t *page) {
	s := r.shown()
	if len(s.Policies) == 0 {
		return
	}
	t.line("\nWhat engines return for k = %d when efSearch is smaller (M = %d, efConstruction = %d, built %s):\n", r.K, s.M, s.EfConstruction, s.Decides)
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
	told := map[string]bool{}
	for _, row := range s.Policies {
		if name := fmt.Sprint(row.Policy); !told[name] {
			told[name] = true
			t.line("%s: %s", name, row.Engines)
		}
	}
}

func (r *Report) method(t *page) {
	if r.AllQueries {
		t.line("  Every point was a query, left out of its own answer by identity.")
	} else {
		t.line("  %d of the points, drawn with seed %d, were queries, each left out of its own answer by identity.", r.Queries, r.Seed)
	}
	if r.OnMatrix {
		t.line("  Graphs and searches worked on the matrix of all distances.")
	} else {
		t.line("  The matrix of all distances does not fit into the memory allowed: graphs and searches worked on the vectors.")
	}
	t.line("  Distance: L2 on the vectors as they are (for cosine, normalise them first). Truth: exact search.")
	t.line("  efSearch counts the query itself, which is an indexed point: an engine is asked for k + 1 answers, and the query is removed.")
	t.line("  Recall: share of the k answers that are no farther than the k-th exact neighbour. efSearch is the smallest that is enough,")
	t.line("  not an estimate: every efSearch was looked at. Visited: distances computed on level 0.")
	if r.Ties > 0 {
		t.line("  %s of the queries have ties at rank k: several points are as far as the k-th neighbour.", share(r.Ties, r.Queries))
	}
	if r.Copies > 0 {
		t.line("  %s of the rows are equal to another row, up to %d to one another.", share(r.Copies, r.N), r.Largest)
	}
	r.builds(t)
}

// builds lists the graphs of the best setting, or of the first where none is.
func (r *Report) builds(t *page) {
	s := r.shown()
	t.line("  Graphs with M = %d and efConstruction = %d, and the efSearch that each needs; the largest is the advice:\n", s.M, s.EfConstruction)
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

// shown is the best setting, or the first where none is.
func (r *Report) shown() Setting {
	if r.Best == nil {
		return r.Settings[0]
	}
	return r.Settings[*r.Best]
}

func share(part, all int) string { return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(all)) }
