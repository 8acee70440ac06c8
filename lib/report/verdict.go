package report

import (
	"fmt"
	"slices"
	"strings"
)

// An Answer is the answer to the question of a report: does the index, at its present setting, return the true neighbours?
type Answer string

// The answers. An interval is that of the mean recall at the present setting.
const (
	Yes       Answer = "Yes"       // the interval lies at or above the wanted recall
	No        Answer = "No"        // the interval lies below the wanted recall, or the engine rejects the question
	Undecided Answer = "Undecided" // the interval contains the wanted recall
	Unasked   Answer = ""          // there is no present setting
)

// A Verdict is the answer of a report in sentences.
type Verdict struct {
	Answer  Answer
	Text    string   // what the index returns at the present setting or, without one, the advice
	Instead string   // what to set; "" if there is nothing to change or Text says it
	Also    []string // what else a reader must know

	Present *Setting // the setting of Text; nil if there is none
	Advised *Setting // the setting of the advice; nil if there is none or it was not measured
}

// Verdict returns the verdict for one k: that of the advice or, without advice, the largest of the report.
func (r *Report) Verdict() Verdict {
	k := r.VerdictK()
	v := Verdict{Present: r.present(k), Advised: r.advised()}
	switch {
	case v.Present == nil && r.Advice != nil:
		v.Text = r.Advice.Text
	case v.Present == nil:
		v.Text = r.none(k)
	default:
		v.Answer = r.answer(*v.Present)
		v.Text = r.returns(*v.Present)
		v.Instead = r.instead(v)
	}
	v.Also = r.also(v.Present)
	return v
}

// VerdictK returns the k of the verdict; 0 if there are no settings.
func (r *Report) VerdictK() (k int) {
	if r.Advice != nil {
		return r.Advice.K
	}
	for _, s := range r.Settings {
		k = max(k, s.K)
	}
	return k
}

// Counted returns the recall of a setting that Target names.
func (r *Report) Counted(s Setting) float64 {
	if r.Target == ByIdentity {
		return s.Recall
	}
	return s.RecallByDistance
}

// EffortName returns the engine's name of efSearch.
func (r *Report) EffortName() string {
	if r.Effort == "" {
		return "efSearch"
	}
	return r.Effort
}

func (r *Report) find(match func(Setting) bool) *Setting {
	if i := slices.IndexFunc(r.Settings, match); i >= 0 {
		return &r.Settings[i]
	}
	return nil
}

func (r *Report) present(k int) *Setting {
	return r.find(func(s Setting) bool { return s.Present && s.K == k })
}

func (r *Report) advised() *Setting {
	return r.find(func(s Setting) bool {
		return r.Advice != nil && s.K == r.Advice.K && s.EfSearch == r.Advice.EfSearch && s.Scan == r.Advice.Scan
	})
}

func (r *Report) answer(s Setting) Answer {
	switch {
	case s.Rejected || s.Interval[1] < r.Wanted:
		return No
	case s.Interval[0] >= r.Wanted:
		return Yes
	}
	return Undecided
}

// NameOf returns a setting as it is written in sentences: "hnsw.ef_search = 40". The scan is named if the report has several.
func (r *Report) NameOf(s Setting) string {
	text := fmt.Sprintf("%s = %d", r.EffortName(), s.EfSearch)
	if slices.ContainsFunc(r.Settings, func(other Setting) bool { return other.Scan != s.Scan }) {
		text += fmt.Sprintf(" (scan: %s)", scan(s))
	}
	return text
}

// returns says what the index returns at a setting.
func (r *Report) returns(s Setting) string {
	at := fmt.Sprintf("At k = %d with %s, %s ", s.K, r.NameOf(s), r.Name)
	if s.Rejected {
		return at + fmt.Sprintf("answers with an error instead of neighbours (policy: %s).", r.Policy)
	}
	text := at + fmt.Sprintf("returns %s of the true neighbours%s (95 %% confidence interval %s; wanted: %s)",
		Percent(r.Counted(s)), r.among(), Interval(s.Interval), Percent(r.Wanted))
	if s.Short > 0 {
		text += fmt.Sprintf(", and %s of the queries get fewer answers than %s", Percent(s.Short), r.askedFor(s.K))
	}
	return text + "."
}

// among names the vectors that a filter leaves.
func (r *Report) among() string {
	if r.Filter == nil {
		return ""
	}
	return fmt.Sprintf(" among the %s vectors that match the filter", Thousands(r.Filter.Matching))
}

func (r *Report) askedFor(k int) string {
	if r.Filter != nil && r.Filter.Matching < k {
		return fmt.Sprintf("the %d that match", r.Filter.Matching)
	}
	return fmt.Sprintf("the %d that they ask for", k)
}

// instead says what to set instead of the present setting.
func (r *Report) instead(v Verdict) string {
	a := r.Advice
	switch {
	case a == nil && v.Answer == Yes:
		return ""
	case a == nil && v.Answer == Undecided:
		return "More queries would decide; " + lowerFirst(r.none(v.Present.K))
	case a == nil:
		return r.none(v.Present.K)
	case v.Answer != No && a.EfSearch == v.Present.EfSearch && a.Scan == v.Present.Scan:
		return "The present setting is the smallest one that reaches the wanted recall."
	case v.Answer == Yes:
		return "A smaller setting is enough. " + a.Text
	}
	return a.Text
}

// none says that no setting is certain to reach the wanted recall at k, and which comes nearest.
func (r *Report) none(k int) string {
	text := fmt.Sprintf("No setting that was tried is certain to reach a mean recall of %s at k = %d", Percent(r.Wanted), k)
	var best *Setting
	for i, s := range r.Settings {
		if s.K == k && !s.Rejected && (best == nil || r.Counted(s) > r.Counted(*best)) {
			best = &r.Settings[i]
		}
	}
	if best == nil {
		return text + "."
	}
	if r.Counted(*best) >= r.Wanted {
		return fmt.Sprintf("%s: %s queries are too few to show it. The best, %s, reaches %s on them.", text, Thousands(r.Queries), r.NameOf(*best), Percent(r.Counted(*best)))
	}
	return fmt.Sprintf("%s; the best, %s, reaches %s.", text, r.NameOf(*best), Percent(r.Counted(*best)))
}

// also returns what a reader must know beside the recall of the present setting.
func (r *Report) also(present *Setting) (all []string) {
	if present != nil && present.UsesIndex != nil && !*present.UsesIndex {
		all = append(all, "By the engine's plan, the index is not used for this question: the engine scans the vectors.")
	}
	for _, s := range r.Settings {
		if present != nil && s.Present && s.K != present.K && !s.Rejected && s.Scan == present.Scan {
			all = append(all, fmt.Sprintf("At k = %d it returns %s (%s).", s.K, Percent(r.Counted(s)), Interval(s.Interval)))
		}
	}
	if exact := r.exactInstead(present); exact != "" {
		all = append(all, exact)
	}
	if g := r.Graph; g != nil {
		for _, part := range []struct {
			n    int
			what string
		}{
			{g.Unreachable, "cannot be reached by any search"}, {g.Deleted, "are marked as deleted"}, {g.Changed, "differ from the base"},
		} {
			if part.n > 0 {
				all = append(all, fmt.Sprintf("%s of %s vectors %s.", Thousands(part.n), Thousands(r.N), part.what))
			}
		}
	}
	return all
}

// exactInstead says that the exact scan is the better choice, if no setting that reaches the wanted recall is faster.
func (r *Report) exactInstead(present *Setting) string {
	if present == nil || present.ExactLatency == nil || r.answer(*present) == Yes {
		return ""
	}
	exact := present.ExactLatency.Median
	if a := r.advised(); r.Advice != nil && (a == nil || a.Latency == nil || a.Latency.Median <= exact) {
		return ""
	}
	return fmt.Sprintf("The engine's exact scan returns all of them in %s ms (p50); no setting that was tried reaches the wanted recall in less.", Milliseconds(exact))
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
