package advise

import (
	"fmt"
	"strconv"
	"text/tabwriter"

	"anncapacity/lib/report"
)

// policies writes the answers to requests with k > efSearch on an index, and the engines that give them.
func (r *Report) policies(t *page, x report.Index) {
	if len(x.Policies) == 0 {
		return
	}
	t.line("\nAnswers of engines for k = %d when efSearch is smaller (M = %d, efConstruction = %d, built %s):\n", x.K, x.M, x.EfConstruction, x.Decides)
	w := tabwriter.NewWriter(t, 0, 0, 2, ' ', 0)
	t.p.Fprintln(w, "efSearch\tpolicy\tmean recall\tanswers, mean\tqueries with fewer than k")
	for _, row := range x.Policies {
		if row.Rejected {
			t.p.Fprintf(w, "%d\t%s\tan error\t\t\n", row.EfSearch, row.Policy)
			continue
		}
		t.p.Fprintf(w, "%d\t%s\t%.4f\t%.1f\t%.2f %%\n", row.EfSearch, row.Policy, row.Recall, row.Length, 100*row.Short)
	}
	w.Flush()
	t.line("")
	printed := map[string]bool{}
	for _, row := range x.Policies {
		if !printed[row.Policy] {
			printed[row.Policy] = true
			t.line("%s: %s", row.Policy, row.Engines)
		}
	}
}

// method writes how the numbers of the report were obtained.
func (r *Report) method(t *page) {
	m := r.Method
	switch {
	case m.OwnQueries:
		t.line("  Queries: %d, which are no indexed points, drawn with seed %d.", r.Queries, m.Seed)
	case m.AllPoints:
		t.line("  Queries: all points, each removed from its own answer by identity.")
	default:
		t.line("  Queries: %d points, drawn with seed %d, each removed from its own answer by identity.", r.Queries, m.Seed)
	}
	t.line("  %d of them determine the efSearch, the other %d verify it.", m.CalibratedOn, m.VerifiedOn)
	if m.OnMatrix {
		t.line("  Graphs and searches: on the matrix of all distances.")
	} else {
		t.line("  Graphs and searches: on the vectors.")
	}
	t.line("  Distance: %s. Truth: exact search, or the given one.", r.Metric)
	if !m.OwnQueries {
		t.line("  efSearch: the query is an indexed point, so an engine must return k + 1 answers, from which the query is removed.")
	}
	t.line("  The advised efSearch is the smallest whose bound is sufficient: every efSearch was considered.")
	t.line("  Bound: by betting on the mean (Waudby-Smith and Ramdas 2024), for any number of independent queries of the same distribution;")
	t.line("  of a share: by Clopper and Pearson (1934).")
	t.line("  Recall: share of the k answers that are not farther than the k-th exact neighbour.")
	t.line("  Visited: distances computed on level 0.")
	for _, x := range r.shown() {
		if x.Ties > 0 {
			t.line("  %s of the queries have ties at rank k = %d: several points are at the distance of the k-th neighbour.", share(x.Ties, r.Queries), x.K)
		}
	}
	if m.Copies > 0 {
		t.line("  %s of the rows are equal to another row, in groups of up to %d rows.", share(m.Copies, r.N), m.Largest)
	}
	for i, x := range r.shown() {
		if i > 0 {
			t.line("")
		}
		builds(t, x, m.VerifiedOn)
	}
}

// builds writes a table of the graphs of an index. on is the number of queries that verify the advice.
func builds(t *page, x report.Index, on int) {
	t.line("  Graphs with M = %d and efConstruction = %d, and the efSearch that each needs for k = %d (the largest is the advice):\n", x.M, x.EfConstruction, x.K)
	w := tabwriter.NewWriter(t, 0, 0, 2, ' ', 0)
	t.p.Fprintln(w, "    built\tseed\tlinks\tunreachable\thighest recall\tefSearch\tefSearch, share of queries\tverified recall")
	for _, b := range x.Builds {
		verified := "–" // of no efSearch
		if x.Mean != nil && on > 0 {
			verified = fmt.Sprintf("%.4f", b.Verified)
		}
		t.p.Fprintf(w, "    %s\t%s\t%.1f\t%d\t%.4f\t%s\t%s\t%s\n", b.As, strconv.FormatUint(b.Seed, 10), b.MeanLinks, b.Unreachable, b.Highest,
			orNone(b.EfSearch), orNone(b.EachEfSearch), verified)
	}
	w.Flush()
}

func orNone(ef *int) string {
	if ef == nil {
		return "none"
	}
	return strconv.Itoa(*ef)
}
