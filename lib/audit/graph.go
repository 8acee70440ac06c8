package audit

import (
	"fmt"
	"strings"

	"anncapacity/lib/indexfile"
	"anncapacity/lib/report"
)

// graph describes the graph of the index.
func (p *problem) graph() *report.Graph {
	x := p.Index
	g := &report.Graph{M: x.M, EfConstruction: x.EfConstruction, EfSearch: x.EfSearch, Deleted: x.Len() - len(p.live),
		Changed: p.changed}
	out, in := make([]int, x.Len()), make([]int, x.Len())
	for i, reached := range x.Graph.Reachable() {
		id := int32(i)
		if !reached && !x.IsDeleted(id) {
			g.Unreachable++
		}
		for level := range x.Graph.Level(id) + 1 {
			if level == len(g.Levels) {
				g.Levels = append(g.Levels, 0)
			}
			g.Levels[level]++
		}
		links := x.Graph.Links(id, 0)
		out[i] = len(links)
		for _, to := range links {
			in[to]++
		}
	}
	g.Out, g.In = degrees(out), degrees(in)
	return g
}

func degrees(of []int) report.Degrees {
	d := report.Degrees{Least: of[0]}
	sum := 0
	for _, n := range of {
		d.Least, d.Most = min(d.Least, n), max(d.Most, n)
		if n == 0 {
			d.Zero++
		}
		sum += n
	}
	d.Mean = float64(sum) / float64(len(of))
	return d
}

// notes says how the audit was made.
func (s *survey) notes() (all []string) {
	note := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	x := s.Index
	note("The file holds %s with M = %d and %d links on level 0. The answers are those of walks on its graph, by the rule of %s for a k above %s: it %s.",
		x.Class, x.M, x.Ground, s.library().name, s.library().effort, s.library().Documented)
	if x.Format == indexfile.FAISS {
		note("FAISS before version 1.7.4 ends some searches early and returns fewer neighbours; the file does not state the version.")
	}
	if s.sampled() {
		note("The queries are %s vectors of the index itself (seed %d), each of which asks for one answer more and is left out of its own. "+
			"Queries of users can be harder: -queries reads them from a file.", report.Thousands(s.asked.N), s.Seed)
	} else {
		note("The queries are those of %s.", s.QueriesName)
	}
	if s.Base.N == 0 {
		note("The exact neighbours are those among the vectors in the file, since no embeddings were given; whether these are up to date was not checked.")
	} else {
		note("The exact neighbours are those among the vectors of %s. %s", s.BaseName, s.matched())
	}
	if len(s.live) < x.Len() {
		note("%s vectors that are marked as deleted are not neighbours. A search passes through them and does not count them.",
			report.Thousands(x.Len()-len(s.live)))
	}
	if x.EfSearch == 0 && len(s.EfSearch) > 1 {
		note("The file does not state %s. %s searches with %d after it has read the file, unless the program sets another; that is the present setting here.",
			s.library().effort, s.library().name, x.DefaultEfSearch())
	}
	all = append(all, s.labelNotes()...)
	note("Half of the queries determined the advice, with a lower confidence bound of the mean recall that holds for any distribution (package confidence); " +
		"the other half verified it.")
	return all
}

// matched says which vector of the base is which of the index.
func (p *problem) matched() string {
	var b strings.Builder
	if p.row == nil {
		b.WriteString("Its rows are the vectors of the file in their order, since the IDs are not its row numbers. ")
	} else {
		b.WriteString("Its row numbers are the IDs of the index. ")
	}
	if p.changed == 0 {
		b.WriteString("The vectors of the file are equal to them")
		if p.Index.Rounded() {
			b.WriteString(", rounded to its type")
		}
		return b.String() + "."
	}
	fmt.Fprintf(&b, "%s of %s vectors of the file differ from them.", report.Thousands(p.changed), report.Thousands(len(p.live)))
	return b.String()
}
