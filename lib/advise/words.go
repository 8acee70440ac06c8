package advise

import (
	"fmt"

	"anncapacity/lib/engine"
	"anncapacity/lib/report"
)

// wording holds the words of the engine that the advice is for. If there is none, they have no Key.
type wording struct {
	engine.Words
	own bool // the queries are no indexed points
}

// asked returns the number of answers that the engine is asked for.
func (w wording) asked(k int) int {
	if w.own {
		return k
	}
	return k + 1
}

// value returns the value to set for an effort, or an error if the engine does not accept it.
func (w wording) value(effort, k int) (int, error) {
	if w.Key == "" {
		return effort, nil
	}
	return w.Value(effort, w.asked(k))
}

// statement returns what sets the value, or "" if there is no engine.
func (w wording) statement(value, k int) string {
	if w.Key == "" {
		return ""
	}
	return w.Statement(value, k)
}

// advice returns the advice for an index that has a Mean. It returns an error if the engine does not accept the value.
func (r *Report) advice(x report.Index) (report.Advice, error) {
	value, err := r.words.value(x.Mean.EfSearch, x.K)
	if err != nil {
		return report.Advice{}, err
	}
	text := fmt.Sprintf("Set %s = %d on an index with M = %d and efConstruction = %d: with 95 %% confidence, the mean recall at k = %d is at least %v (%s).",
		r.words.Parameter(), value, x.M, x.EfConstruction, x.K, r.Wanted, r.evidence(x))
	return report.Advice{K: x.K, EfSearch: value, Bound: x.Mean.Bound, Verified: x.Mean.Verified, VerifiedOn: r.Method.VerifiedOn,
		Statement: r.words.statement(value, x.K), Text: text}, nil
}

// evidence returns the bound and the verified recall in words.
func (r *Report) evidence(x report.Index) string {
	text := fmt.Sprintf("the lower bound on %d queries is %.4f", r.Method.CalibratedOn, x.Mean.Bound)
	if r.Method.VerifiedOn > 0 {
		text += fmt.Sprintf(", and the recall on %d other queries is %.4f", r.Method.VerifiedOn, x.Mean.Verified)
	}
	return text + fmt.Sprintf("; the worst of %d graphs", len(x.Builds))
}

// notes returns how the report was computed, and why there is no advice if there is none.
func (r *Report) notes() []string {
	var notes []string
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	for _, x := range r.shown() {
		if x.Mean == nil {
			add("There is no advice for k = %d: %s.", x.K, r.reason(x))
		} else if _, err := r.words.value(x.Mean.EfSearch, x.K); err != nil {
			add("There is no advice for k = %d: %v.", x.K, err)
		}
	}
	m := r.Method
	if m.OwnQueries {
		add("The %d queries are no indexed points.", r.Queries)
	} else {
		add("The %d queries are indexed points; each is left out of its own answer, so that %d answers are asked for k = %d.", r.Queries, r.Indexes[0].K+1, r.Indexes[0].K)
	}
	add("%d queries determined the efSearch, %d others verified it (drawn with seed %d).", m.CalibratedOn, m.VerifiedOn, m.Seed)
	add("The bound is one of Waudby-Smith and Ramdas (2024), which holds for any number of independent queries of the same distribution.")
	add("An answer that is not farther than the k-th exact neighbour counts as found. The rows are of the graph that needs the largest efSearch.")
	if r.Engine == "" {
		add("No engine is named: when k exceeds efSearch, the rows are those of an engine that leaves missing answers out.")
	}
	return notes
}

// reason returns why there is no Mean.
func (r *Report) reason(x report.Index) string {
	switch {
	case x.Observed == nil:
		return fmt.Sprintf("the mean recall is at most %.4f for any efSearch in a graph built %s", x.Highest, x.Decides)
	case r.Wanted == 1:
		return fmt.Sprintf("no number of queries shows with confidence that a mean recall is 1; efSearch = %d finds all neighbours of the %d queries", x.Observed.EfSearch, r.Queries)
	case r.Method.CalibratedOn < r.Method.NeededForMean:
		return fmt.Sprintf("%d queries are too few to show a mean recall of %v with 95 %% confidence: at least %d are needed, %d with those that verify; "+
			"on these, efSearch = %d reaches it", r.Method.CalibratedOn, r.Wanted, r.Method.NeededForMean, withVerified(r.Method.NeededForMean), x.Observed.EfSearch)
	}
	return fmt.Sprintf("the lower bound of the mean recall on %d queries does not reach %v for any efSearch in every graph; more queries, or an index with more links, may; "+
		"without the bound, efSearch = %d reaches it", r.Method.CalibratedOn, r.Wanted, x.Observed.EfSearch)
}
