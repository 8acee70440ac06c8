package compare

import (
	_ "embed" // the template
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"

	"anncapacity/lib/engine"
)

//go:embed engines.md.tmpl
var pageText string

// page is the content of docs/engines.md.
type page struct {
	Points, Dimensions int
	Asked, Engines     []pageRow
	Unasked            string // names of the engines without an observation
	Worded             []engine.Words
	Notes              []string
}

// pageRow describes an engine, and its observation if it has one.
type pageRow struct {
	Name, Version, Date, Documented, Effort, Returned, Overlap, Metrics, Process, Install, Filter, Delete string
	Observed                                                                                              engine.Policy
	K                                                                                                     int
}

// WritePage writes docs/engines.md: the fields of all engines and what was observed. The page depends on nothing else.
func WritePage(w io.Writer, all []engine.Engine, seen []Observation) error {
	t, err := template.New("engines").Parse(pageText)
	if err != nil {
		return err
	}
	points := trialPoints()
	p := page{Points: points.N, Dimensions: points.D}
	var unasked []string
	for _, e := range all {
		p.Engines = append(p.Engines, described(e))
		if o, asked := observationOf(seen, e.Key); asked {
			p.Asked = append(p.Asked, observedRow(e, o))
		} else {
			unasked = append(unasked, e.Name)
		}
	}
	p.Unasked = strings.Join(unasked, "; ")
	p.addWords(all)
	return t.Execute(w, p)
}

// described returns the row of an engine's parameters.
func described(e engine.Engine) pageRow {
	row := pageRow{Name: e.Name, Effort: orNone(e.Effort), Process: e.Process, Install: orNone(e.Install), Filter: orNone(e.Filter), Delete: orNone(e.Delete)}
	if row.Process == "" {
		row.Process = "this process"
	}
	names := make([]string, len(e.Metrics))
	for i, m := range e.Metrics {
		names[i] = m.String()
	}
	row.Metrics = strings.Join(names, ", ")
	return row
}

// observedRow returns the row of an engine's observation.
func observedRow(e engine.Engine, o Observation) pageRow {
	row := pageRow{
		Name: e.Name, Version: o.Version, Date: o.Date, Documented: e.Documented, Observed: o.Observed, K: o.K,
		Effort: fmt.Sprint(o.EfSearch), Returned: fmt.Sprint(o.Returned), Overlap: fmt.Sprintf("%.3f", o.Overlap),
	}
	if o.EfSearch == 0 {
		row.Effort = "–"
	}
	if o.Error != "" {
		row.Returned, row.Overlap = "an error", "–"
	}
	return row
}

func orNone(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// addWords adds the engines that no adapter of all takes its words from, and the notes of every engine.
func (p *page) addWords(all []engine.Engine) {
	for _, w := range engine.Worded() {
		adapted := func(e engine.Engine) bool { return e.Documented == w.Documented && e.Effort == w.Effort }
		if !slices.ContainsFunc(all, adapted) {
			p.Worded = append(p.Worded, w)
		}
		if len(w.Notes) > 0 {
			p.Notes = append(p.Notes, fmt.Sprintf("* %s. %s", w.Name, strings.Join(w.Notes, " ")))
		}
	}
}
