package page

import (
	"fmt"
	"html/template"
	"strings"

	"anncapacity/lib/report"
)

// view holds what the template shows of a report.
type view struct {
	*report.Report
	report.Verdict
	Title, Question string
	Style           template.CSS
	Tiles           []tile
	Charts          []figure
	LabelChart      *figure
	Columns         []report.Column
	Rows, AllRows   []row // AllRows is nil if Rows holds every setting
	Shares          []share
	ShareOf         []string // headings of the columns of Shares
	LabelRows       []report.Label
	Hidden          int // labels without a row
}

// tile is a number with its caption.
type tile struct{ Name, Number, About string }

// figure is a chart with its text.
type figure struct {
	Title, About string
	SVG          template.HTML
}

// row is a line of the table of settings.
type row struct {
	Cells            []string
	Present, Advised bool
	Unused           bool // the engine did not use the index
}

// share is a line of the table of quantiles: a recall at each of the settings.
type share struct {
	Says string
	Of   []float64
}

func newView(r *report.Report) (*view, error) {
	p := newPlots(r)
	v := &view{Report: r, Verdict: p.verdict, Style: template.CSS(style), Columns: r.Columns()}
	v.Title, v.Question = titles(r)
	v.Tiles = p.tiles()
	v.Rows, v.AllRows = p.rows(v.Columns)
	v.Shares, v.ShareOf = p.shares()
	v.LabelRows = p.labelRows()
	v.Hidden = len(r.Labels) - len(v.LabelRows)
	return v, v.draw(p)
}

// titles returns the title of the window and the heading of the page.
func titles(r *report.Report) (title, question string) {
	if r.Kind == report.KindAdvice {
		return "Advice for " + r.Name, fmt.Sprintf("Which %s do the queries of %s need?", r.EffortName(), r.Name)
	}
	return "Audit of " + r.Name, fmt.Sprintf("Does %s return the true neighbours?", r.Name)
}

// draw draws the charts.
func (v *view) draw(p plots) error {
	for _, c := range []struct {
		title, about string
		svg          func() (template.HTML, error)
	}{
		{"Recall", "Share of the true neighbours that the index returns, a mean over the queries. Bands are 95 % confidence intervals.", p.recall},
		{"Distribution over the queries", "A mean hides the queries that the index serves badly. These lines show them.", p.quantiles},
		{"Answers that came back", "An answer with fewer vectors than asked for has a fill below 1.", p.fill},
		{"Time of a question", "One question at a time, on the engine as it runs. The dashed line is the engine's exact scan of the same queries.", p.latency},
		{"Capacity", "A search visits this many vectors and can return no others. Up to the largest k shown, its answers are good enough.", p.capacity},
	} {
		svg, err := c.svg()
		if err != nil {
			return fmt.Errorf("page: drawing %q: %w", c.title, err)
		}
		if svg != "" {
			v.Charts = append(v.Charts, figure{c.title, c.about, svg})
		}
	}
	svg, err := p.labels()
	if svg != "" {
		v.LabelChart = &figure{SVG: svg}
	}
	return err
}

// tiles returns the numbers below the verdict.
func (p plots) tiles() (all []tile) {
	add := func(name, number, about string) { all = append(all, tile{name, number, about}) }
	s, a := p.verdict.Present, p.r.Advice
	if s != nil && !s.Rejected {
		add("Recall now", report.Percent(p.r.Counted(*s)), "95 % interval: "+report.Interval(s.Interval))
	}
	if a != nil {
		about := "lower 95 % bound with " + p.advised()
		if a.VerifiedOn > 0 {
			about = fmt.Sprintf("with %s, on %s other queries", p.advised(), report.Thousands(a.VerifiedOn))
		}
		add("Recall as advised", report.Percent(verified(a)), about)
	}
	if s != nil && !s.Rejected {
		add("Answers to a query", answers(p.r, *s), report.Percent(s.Short)+" of the queries get fewer")
	}
	if f := p.r.Filter; f != nil {
		add("Matching the filter", report.Percent(f.Selectivity), fmt.Sprintf("%s of %s vectors", report.Thousands(f.Matching), report.Thousands(p.r.N)))
	}
	if s != nil && s.Latency != nil {
		about := "p95: " + report.Milliseconds(s.Latency.High) + " ms"
		if e := p.exact(); e != nil {
			about += "; exact scan, p50: " + report.Milliseconds(e.Median) + " ms"
		}
		add("Time of a question, p50", report.Milliseconds(s.Latency.Median)+" ms", about)
	}
	if s != nil && s.Capacity != nil {
		add("Enough to k", report.Thousands(s.Capacity.LargestK), fmt.Sprintf("a search visits %s vectors", report.Thousands(int(s.Capacity.Visited+.5))))
	}
	return all
}

func verified(a *report.Advice) float64 {
	if a.VerifiedOn > 0 {
		return a.Verified
	}
	return a.Bound
}

// advised returns the advised setting as it is written in sentences.
func (p plots) advised() string {
	return p.r.NameOf(report.Setting{EfSearch: p.r.Advice.EfSearch, Scan: p.r.Advice.Scan})
}

// answers returns the mean number of answers: "2.1 of 40".
func answers(r *report.Report, s report.Setting) string {
	possible := s.K
	if r.Filter != nil {
		possible = min(possible, r.Filter.Matching)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", s.Fill*float64(possible)), ".0") + " of " + report.Thousands(possible)
}
