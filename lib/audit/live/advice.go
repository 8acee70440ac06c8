package live

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"anncapacity/lib/confidence"
	"anncapacity/lib/report"
)

// advice returns the setting with the smallest efSearch whose lower confidence bound of the mean recall, on every second query,
// reaches the wanted recall for the largest k, among the settings in the order of byEffort. The recall on the other queries is the
// verified one. It returns nil if no setting reaches the recall.
func (a *audit) advice() (*report.Advice, error) {
	k := a.o.K[len(a.o.K)-1]
	for _, r := range a.byEffort(k) {
		calibration, verification := a.halves(r)
		if len(calibration) == 0 || len(verification) == 0 {
			return nil, nil
		}
		bound, err := confidence.LowerMean(calibration, report.Level)
		if err != nil {
			return nil, err
		}
		if bound < a.o.Wanted {
			continue
		}
		v := report.Advice{K: k, EfSearch: r.setting.EfSearch, Scan: r.setting.Scan, Bound: bound}
		v.Verified, v.VerifiedOn = stat.Mean(verification, nil), len(verification)
		v.Statement = a.engine.Statement(r.setting, k)
		v.Text = a.text(r, v)
		return &v, nil
	}
	return nil, nil
}

// byEffort returns the rows of k that were answered in the order in which they are advised: those with the present scan, those with
// another one, those for which the engine does not use the index, which may change with every row that is added; by efSearch within
// each.
func (a *audit) byEffort(k int) (of []*row) {
	for _, r := range a.rows {
		if r.k == k && r.rejected == nil {
			of = append(of, r)
		}
	}
	rank := func(r *row) int {
		switch {
		case !r.present && r.plan.UsesIndex != nil && !*r.plan.UsesIndex:
			return 2
		case r.setting.Scan != a.index.Present.Scan:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(of, func(r, s *row) int {
		return cmp.Or(cmp.Compare(rank(r), rank(s)), cmp.Compare(r.setting.EfSearch, s.setting.EfSearch))
	})
	return of
}

// halves returns the recalls of every second complete query, and of the others.
func (a *audit) halves(r *row) (calibration, verification []float64) {
	for i := range a.complete {
		o := a.observe(r, i)
		switch {
		case o.Possible == 0:
		case i%2 == 0:
			calibration = append(calibration, a.recall(o))
		default:
			verification = append(verification, a.recall(o))
		}
	}
	return calibration, verification
}

// text returns the advice in a sentence.
func (a *audit) text(r *row, v report.Advice) string {
	what := fmt.Sprintf("Set %s to %d", a.index.Effort, v.EfSearch)
	switch {
	case r.present:
		what = fmt.Sprintf("Keep %s at %d", a.index.Effort, v.EfSearch)
	case v.Scan != a.index.Present.Scan:
		what += " and the scan to " + v.Scan
	}
	if r.plan.UsesIndex != nil && !*r.plan.UsesIndex {
		what += " (the engine then searches without the index)"
	}
	text := fmt.Sprintf("%s: with it the mean recall at k = %d is at least %s with a confidence of 95 %%, and %s on the other %s queries.",
		what, v.K, report.Percent(v.Bound), report.Percent(v.Verified), report.Thousands(v.VerifiedOn))
	if v.Verified < a.o.Wanted {
		text += fmt.Sprintf(" That is below the wanted %s: more queries are needed.", report.Percent(a.o.Wanted))
	}
	return text
}

// tooFew says that no recall, not even 1, would have been enough for an advice; "" if that is not so.
func (a *audit) tooFew() string {
	queries := (a.complete + 1) / 2
	possible, err := confidence.LowerMean(slices.Repeat([]float64{1}, queries), report.Level)
	if err != nil || possible >= a.o.Wanted {
		return ""
	}
	return fmt.Sprintf("No setting is advised, because %d queries, half of those asked, cannot show a recall of %s with a confidence of 95 %%, but at most %s. More queries are needed.",
		queries, report.Percent(a.o.Wanted), report.Percent(possible))
}
