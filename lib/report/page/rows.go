package page

import (
	"cmp"
	"slices"

	"anncapacity/lib/report"
)

// The most rows of the tables that are not folded.
const (
	mostRows   = 24
	mostLabels = 12
)

// rows returns the rows of the table of settings. If there are more than mostRows, few holds some of the k of the verdict, among them
// the present and the advised setting, and all holds every one.
func (p plots) rows(columns []report.Column) (few, all []row) {
	at := []report.Setting{}
	for i := range p.r.Settings {
		s := &p.r.Settings[i]
		line := row{Present: s.Present, Advised: s == p.verdict.Advised, Unused: s.UsesIndex != nil && !*s.UsesIndex}
		for _, c := range columns {
			line.Cells = append(line.Cells, c.Cell(*s))
		}
		all, at = append(all, line), append(at, *s)
	}
	if len(all) <= mostRows {
		return all, nil
	}
	here := 0 // settings at the k of the verdict
	for _, s := range at {
		if s.K == p.r.VerdictK() {
			here++
		}
	}
	step, seen := max(1, (here+mostRows-1)/mostRows), 0
	for i, line := range all {
		if at[i].K != p.r.VerdictK() {
			continue
		}
		if seen%step == 0 || line.Present || line.Advised || seen == here-1 {
			few = append(few, line)
		}
		seen++
	}
	return few, all
}

// shares returns the quantiles of the recall over the queries at the present and at the advised setting.
func (p plots) shares() (rows []share, names []string) {
	var of []*report.Quantiles
	add := func(name string, s *report.Setting) {
		if s != nil && s.Quantiles != nil && !s.Rejected {
			names, of = append(names, name+": "+p.r.NameOf(*s)), append(of, s.Quantiles)
		}
	}
	add("now", p.verdict.Present)
	if p.verdict.Advised != p.verdict.Present {
		add("advised", p.verdict.Advised)
	}
	if of == nil {
		return nil, nil
	}
	for _, q := range quantiles {
		s := share{Says: q.says}
		for _, each := range of {
			s.Of = append(s.Of, q.of(each))
		}
		rows = append(rows, s)
	}
	return rows, names
}

// labelRows returns the labels with the lowest recall at the present setting or, without one, at the advised or the first one.
func (p plots) labelRows() (rows []report.Label) {
	if len(p.r.Labels) == 0 {
		return nil
	}
	k, ef := p.r.VerdictK(), p.r.Labels[0].EfSearch
	for _, s := range []*report.Setting{p.verdict.Advised, p.verdict.Present} {
		if s != nil {
			ef = s.EfSearch
		}
	}
	for _, l := range p.r.Labels {
		if l.K == k && l.EfSearch == ef {
			rows = append(rows, l)
		}
	}
	slices.SortStableFunc(rows, func(a, b report.Label) int { return cmp.Compare(a.Recall, b.Recall) })
	return rows[:min(len(rows), mostLabels)]
}

// table is a table of settings.
type table struct {
	Columns []report.Column
	Rows    []row
}

// Table returns the rows with the columns, for the template.
func (v *view) Table(rows []row) table { return table{v.Columns, rows} }
