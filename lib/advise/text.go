package advise

import (
	"fmt"
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
		t.line("No efSearch gives a mean recall of %v at k = %d.", r.Recall, r.K)
		for _, s := range r.Settings {
			t.line("  M = %d, efConstruction = %d: at most %.4f, however large efSearch is, because searches cannot reach the", s.M, s.EfConstruction, s.Highest)
			t.line("  rest of the exact neighbours (%d of the %d nodes are linked from nowhere that a search passes).", s.Unreachable, r.N)
		}
		return
	}
	s := r.Settings[*r.Best]
	t.line("Set efSearch = %d (α = efSearch / k = %.2f) on an index with M = %d and efConstruction = %d.", s.Mean.EfSearch, s.Mean.Alpha, s.M, s.EfConstruction)
	t.line("  Mean recall is then %.4f%s, and %.1f %% of the queries reach %v themselves.", s.Mean.Recall, s.Mean.margin(), 100*s.Mean.Reached, r.Recall)
	r.cost(t, s.Mean)
	if s.Mean.AnyPolicy > s.Mean.EfSearch {
		t.line("  This efSearch is below k + 1 (the query takes one place): it is enough where missing slots stay empty (FAISS)")
		t.line("  or where the engine raises it; engines that truncate or reject need efSearch = %d.", s.Mean.AnyPolicy)
	}
	if s.Each == nil {
		t.line("No efSearch lets %.1f %% of the queries reach %v themselves (%d of the %d nodes are reached by no search).", 100*r.Share, r.Recall, s.Unreachable, r.N)
		return
	}
	t.line("For %.1f %% of the queries to reach %v themselves, set efSearch = %d (α = %.2f).", 100*r.Share, r.Recall, s.Each.EfSearch, s.Each.Alpha)
	r.cost(t, s.Each)
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
	s := r.Settings[0]
	if r.Best != nil {
		s = r.Settings[*r.Best]
	}
	if len(s.Policies) == 0 {
		return
	}
	t.line("\nWhat engines return for k = %d when efSearch is smaller (M = %d, efConstruction = %d):\n", r.K, s.M, s.EfConstruction)
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
		t.line("  Index and searches worked on the matrix of all distances.")
	} else {
		t.line("  The matrix of all distances does not fit into the memory allowed: index and searches worked on the vectors.")
	}
	t.line("  Distance: L2 on the vectors as they are (for cosine, normalise them first). Truth: exact search.")
	t.line("  Index: HNSW as FAISS builds it, seed %d. Other seeds and engines differ a little.", r.Seed)
	t.line("  Recall: share of the k exact neighbours that a search visits; efSearch is the smallest that is enough,")
	t.line("  not an estimate: every efSearch was looked at. Visited: distances computed on level 0.")
	if r.Ties > 0 {
		t.line("  Note: %s of the queries have ties at rank k (duplicates?): which of the equals count as exact neighbours", share(r.Ties, r.Queries))
		t.line("  is then arbitrary, and recall by identity is lower than recall by distance.")
	}
}

func share(part, all int) string { return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(all)) }
