package report

import (
	"fmt"
	"slices"
	"strconv"
)

// A Column is a column of the table of settings.
type Column struct {
	Name  string
	About string // what it holds, in a sentence
	Cell  func(Setting) string
}

// Columns returns the columns of the table of settings. A column that no setting has is left out.
func (r *Report) Columns() []Column {
	some := func(has func(Setting) bool) bool { return slices.ContainsFunc(r.Settings, has) }
	columns := []Column{
		{"k", "Number of neighbours that a query asks for.", func(s Setting) string { return strconv.Itoa(s.K) }},
		{r.EffortName(), "How much a search examines: more is better and slower.", func(s Setting) string { return strconv.Itoa(s.EfSearch) }},
	}
	if some(func(s Setting) bool { return s.Scan != r.Settings[0].Scan }) {
		columns = append(columns, Column{"scan", "How the engine searches.", scan})
	}
	columns = append(columns,
		Column{"recall", "Share of the true neighbours that is returned, a mean over the queries.", measured(func(s Setting) string { return decimals(r.Counted(s)) })},
		Column{"95 % interval", "Confidence interval of that mean.", measured(func(s Setting) string { return decimals(s.Interval[0]) + "–" + decimals(s.Interval[1]) })},
		Column{"fill", "Number of answers as a share of the number that was asked for, a mean over the queries.", measured(func(s Setting) string { return decimals(s.Fill) })},
		Column{"short", "Share of the queries that get fewer answers.", measured(func(s Setting) string { return Percent(s.Short) })},
	)
	if some(func(s Setting) bool { return s.Capacity != nil }) {
		columns = append(columns,
			Column{"visited", "Number of vectors that a search visits, a mean over the queries.", optional(func(s Setting) *Capacity { return s.Capacity }, func(c *Capacity) string { return fmt.Sprintf("%.0f", c.Visited) })},
			Column{"enough to k", "Largest k, of those tried, at which this setting reaches the wanted recall.", optional(func(s Setting) *Capacity { return s.Capacity }, func(c *Capacity) string { return strconv.Itoa(c.LargestK) })})
	}
	if some(func(s Setting) bool { return s.Latency != nil }) {
		for _, q := range latencies {
			columns = append(columns, Column{q.name + " ms", q.about, optional(func(s Setting) *Latency { return s.Latency }, q.of)})
		}
	}
	if some(func(s Setting) bool { return s.ExactLatency != nil }) {
		columns = append(columns, Column{"exact p50 ms", "Half of the exact scans for the same queries take no longer.",
			optional(func(s Setting) *Latency { return s.ExactLatency }, latencies[0].of)})
	}
	return columns
}

var latencies = []struct {
	name, about string
	of          func(*Latency) string
}{
	{"p50", "Half of the queries take no longer.", func(l *Latency) string { return Milliseconds(l.Median) }},
	{"p95", "95 % of the queries take no longer.", func(l *Latency) string { return Milliseconds(l.High) }},
	{"p99", "99 % of the queries take no longer.", func(l *Latency) string { return Milliseconds(l.Most) }},
}

func scan(s Setting) string {
	if s.Scan == "" {
		return "default"
	}
	return s.Scan
}

// measured returns the cell of a number that a rejected setting does not have.
func measured(cell func(Setting) string) func(Setting) string {
	return func(s Setting) string {
		if s.Rejected {
			return "error"
		}
		return cell(s)
	}
}

// optional returns the cell of a number that a setting may lack.
func optional[T any](of func(Setting) *T, cell func(*T) string) func(Setting) string {
	return func(s Setting) string {
		if value := of(s); value != nil && !s.Rejected {
			return cell(value)
		}
		return "–"
	}
}

// decimals returns a share with four decimals.
func decimals(share float64) string { return strconv.FormatFloat(share, 'f', 4, 64) }

// Milliseconds returns a number of milliseconds with three significant digits.
func Milliseconds(ms float64) string {
	if ms >= 100 {
		return Thousands(int(ms + .5))
	}
	return strconv.FormatFloat(ms, 'g', 3, 64)
}
