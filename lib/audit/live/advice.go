package live

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"anncapacity/lib/confidence"
	"anncapacity/lib/report"
)

// advice returns the setting with the smallest efSearch whose lower confidence bound of the mean recall, on every second question,
// reaches the wanted recall for the largest k. A setting of the present scan comes before all others. The recall on the other
// questions is the verified one. It returns nil if no setting reaches the recall.
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
		v := report.Advice{K: k, EfSearch: r.setting.EfSearch, Bound: bound, Verified: stat.Mean(verification, nil), VerifiedOn: len(verification)}
		v.Statement = a.engine.Statement(r.setting)
		v.Text = a.text(r, v)
		return &v, nil
	}
	return nil, nil
}

// byEffort returns the rows of k that were answered, those of the present scan first, then by efSearch.
func (a *audit) byEffort(k int) (of []*row) {
	for _, r := range a.rows {
		if r.k == k && r.rejected == nil {
			of = append(of, r)
		}
	}
	rank := func(r *row) int {
		if r.setting.Scan == a.index.Present.Scan {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(of, func(r, s *row) int {
		return cmp.Or(cmp.Compare(rank(r), rank(s)), cmp.Compare(r.setting.EfSearch, s.setting.EfSearch))
	})
	return of
}

// halves returns the recalls of every second complete question, and of the others.
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
	scan := scanOf(r.setting)
	what := "Set"
	switch {
	case r.present:
		what = "Keep"
	case r.plan.UsesIndex != nil && !*r.plan.UsesIndex:
		scan += " (the engine then searches without the index)"
	}
	text := fmt.Sprintf("%s %s = %d%s: the mean recall for k = %d is at least %.3f with a confidence of 95 %%, and %.4f on the %d other questions.",
		what, a.index.Effort, r.setting.EfSearch, scan, v.K, v.Bound, v.Verified, v.VerifiedOn)
	if v.Verified < a.o.Wanted {
		text += fmt.Sprintf(" That is below the wanted %v: ask more questions.", a.o.Wanted)
	}
	return text
}

// noAdvice says why there is no advice.
func (a *audit) noAdvice() string {
	k := a.o.K[len(a.o.K)-1]
	var best *row
	highest, questions := -1., 0
	for _, r := range a.byEffort(k) {
		calibration, verification := a.halves(r)
		if recall := stat.Mean(slices.Concat(calibration, verification), nil); recall > highest {
			best, highest, questions = r, recall, len(calibration)
		}
	}
	if best == nil {
		return fmt.Sprintf("No setting is advised, because the engine answers at none for k = %d.", k)
	}
	certain := slices.Repeat([]float64{1}, max(1, questions))
	possible, err := confidence.LowerMean(certain, report.Level)
	if err == nil && possible < a.o.Wanted {
		return fmt.Sprintf("No setting is advised: %d questions, half of those asked, cannot show a recall of %v with a confidence of 95 %%, but at most %.3f. Ask more questions.",
			questions, a.o.Wanted, possible)
	}
	return fmt.Sprintf("No setting is advised: none reaches a recall of %v for k = %d with a confidence of 95 %%. The highest mean is %.4f, at %s = %d%s.",
		a.o.Wanted, k, highest, a.index.Effort, best.setting.EfSearch, scanOf(best.setting))
}

// scanOf returns the kind of search as a phrase.
func scanOf(s Setting) string {
	if s.Scan == "" {
		return ""
	}
	return " with the scan " + s.Scan
}
