package page

import (
	"cmp"
	"fmt"
	"slices"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/report"
)

// mostLines is the number of lines of a plot that remain distinct.
const mostLines = 5

// A line is the settings of one k and one scan that can be drawn, ascending by efSearch.
type line struct {
	k        int
	scan     string
	name     string
	settings []report.Setting
}

// linesOf returns the lines of a report. If there are several scans, these are compared at the k of the verdict; otherwise the values of
// k are, at most mostLines of them with that of the verdict.
func linesOf(r *report.Report) (lines []line) {
	at := r.VerdictK()
	scans, ks := values(r, func(s report.Setting) string { return s.Scan }), values(r, func(s report.Setting) int { return s.K })
	if len(scans) > 1 {
		for _, scan := range scans[:min(len(scans), mostLines)] {
			lines = append(lines, newLine(r, at, scan, cmp.Or(scan, "default")))
		}
	} else {
		for _, k := range fewer(ks, at) {
			lines = append(lines, newLine(r, k, scans[0], fmt.Sprintf("k = %d", k)))
		}
	}
	return slices.DeleteFunc(lines, func(l line) bool { return len(l.settings) == 0 })
}

// values returns the different values of a field of the settings in the order of their first occurrence; the zero value if there are none.
func values[T comparable](r *report.Report, of func(report.Setting) T) (all []T) {
	for _, s := range r.Settings {
		if !slices.Contains(all, of(s)) {
			all = append(all, of(s))
		}
	}
	if all == nil {
		all = make([]T, 1)
	}
	return all
}

// fewer returns at most mostLines of the values, ascending: the kept one, and others at equal steps.
func fewer(ks []int, kept int) []int {
	slices.Sort(ks)
	if len(ks) <= mostLines {
		return ks
	}
	some := []int{kept}
	for i := range mostLines {
		if k := ks[i*(len(ks)-1)/(mostLines-1)]; !slices.Contains(some, k) && len(some) < mostLines {
			some = append(some, k)
		}
	}
	slices.Sort(some)
	return some
}

func newLine(r *report.Report, k int, scan, name string) line {
	l := line{k: k, scan: scan, name: name}
	for _, s := range r.Settings {
		if s.K == k && s.Scan == scan && !s.Rejected && s.EfSearch > 0 {
			l.settings = append(l.settings, s)
		}
	}
	slices.SortStableFunc(l.settings, func(a, b report.Setting) int { return cmp.Compare(a.EfSearch, b.EfSearch) })
	return l
}

// main returns the line of the verdict: that of its present setting, else that of its advised one, else the last. ok is false if there
// is no line with two settings.
func mainLine(lines []line, v report.Verdict) (main line, ok bool) {
	for _, l := range lines {
		main = l
		for _, s := range []*report.Setting{v.Present, v.Advised} {
			if s != nil && l.k == s.K && l.scan == s.Scan && !s.Rejected {
				return l, len(l.settings) > 1
			}
		}
	}
	return main, len(main.settings) > 1
}

// styleOf returns the style of the i-th line. Markers are drawn on short lines only.
func styleOf(i int, l line) plate.Style {
	s := plate.Shade(i)
	s.Width = 1.1
	if len(l.settings) > 20 {
		s.Marker = nil
	}
	return s
}
