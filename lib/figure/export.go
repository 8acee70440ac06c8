package figure

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/plate"
	"anncapacity/lib/study"
)

// An Export draws the figures of a study into a folder.
type Export struct {
	Results *Results
	About   Subject
	Out     string       // folder of the figures, README.md and figures.tex
	Command string       // the command that draws the figures
	Stopped func() error // called before each figure; Save returns its error; nil means that Save is never stopped
}

// drawing describes a figure that was drawn.
type drawing struct {
	Entry
	caption string
	wide    bool
}

// Save draws each figure of the Catalogue for which there are results. It also writes README.md, which describes the figures,
// and figures.tex, which includes them in a paper. It returns the figures that were not drawn, each with the reason.
func (x Export) Save() (missing []string, err error) {
	var drawn []drawing
	if _, err := os.Stat(filepath.Join(x.Out, norms.Name+".csv")); err == nil {
		drawn = append(drawn, drawing{norms, norms.Shows, false})
	}
	for _, e := range Catalogue {
		if x.Stopped != nil && x.Stopped() != nil {
			return nil, x.Stopped()
		}
		d, err := e.drawn(x.Results, x.About)
		if err != nil {
			return nil, err
		}
		if d.Missing != "" {
			missing = append(missing, e.Name+": "+d.Missing)
			continue
		}
		if err := d.Figure.Save(x.Out); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		caption := strings.Join(append([]string{e.Shows}, d.Findings...), " ")
		drawn = append(drawn, drawing{e, caption, d.Figure.drawing.Width > plate.SingleColumn})
	}
	if err := atomicfile.WriteAll(x.text(readmeFile, x.readme(drawn, missing)), x.text(latexFile, x.latex(drawn))); err != nil {
		return nil, err
	}
	return missing, nil
}

// text returns a file of the export.
func (x Export) text(name, content string) atomicfile.File {
	return atomicfile.File{Path: filepath.Join(x.Out, name), Write: func(w io.Writer) error { _, err := io.WriteString(w, content); return err }}
}

// OfJob returns the export of a job's results to the job's folder of figures. Paths in its command are relative to the root of
// the checkout.
func OfJob(job study.Job, r *Results) (Export, error) {
	about := Subject{Dataset: job.DatasetName(), Network: job.WeightsName(), Points: Indexed(r.Records)}
	from, err := filepath.Rel(job.Root, job.Dir())
	if err != nil {
		return Export{}, err
	}
	to, err := filepath.Rel(job.Root, job.Figures())
	return Export{Results: r, About: about, Out: job.Figures(), Command: CommandLine(from, to, about)}, err
}

// Indexed returns the number of points indexed in a run: the largest number of queries of a record, because all points are
// queries of the project's index.
func Indexed(records []study.Record) (points int) {
	for _, r := range records {
		points = max(points, r.Queries)
	}
	return points
}

// CommandLine returns the command that draws the figures of a folder of records.
func CommandLine(records, out string, about Subject) string {
	words := []string{"anncapacity figures"}
	for _, flag := range [][2]string{{"records", records}, {"out", out}, {"dataset", about.Dataset}, {"network", about.Network}} {
		word := flag[1]
		if strings.ContainsAny(word, " '\"$\\`&|;()<>*?#~") {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		words = append(words, "--"+flag[0]+" "+word)
	}
	return strings.Join(words, " ")
}

func (x Export) readme(drawn []drawing, missing []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Figures: %s\n\n", x.About.source())
	fmt.Fprintf(&b, "%s\n\n    %s\n\n", readmeMark, x.Command)
	fmt.Fprintf(&b, "%s\n\n", x.About.Markdown())
	fmt.Fprintf(&b, "%sEach figure is available as PDF, SVG and PNG, with the plotted numbers as CSV; figures.tex includes them in a two-column paper.\n"+
		"Bands are 95 %% intervals of the mean over runs (Student's t), unless the caption says otherwise.\n", inventory(x.Results.Records))
	for _, e := range drawn {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\nFrom `%s`. [PDF](%[1]s.pdf) · [SVG](%[1]s.svg) · [CSV](%[1]s.csv)\n\n![%[1]s](%[1]s.png)\n", e.Name, e.caption, e.From)
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "\n## Not drawn\n\n* %s\n", strings.Join(missing, "\n* "))
	}
	return b.String()
}

// inventory returns a sentence with the number of runs, queries and records of each index, "" without records.
func inventory(records []study.Record) string {
	var all []string
	for _, group := range groupBy(records, func(r study.Record) string { return r.Index }) {
		runs, most := map[int]bool{}, 0
		for _, r := range group {
			runs[r.Run] = true
			most = max(most, r.Queries)
		}
		all = append(all, fmt.Sprintf("%s: %s of %s queries, %s", label(group[0].Index), count(len(runs), "run"), thousands(most), count(len(group), "record")))
	}
	if all == nil {
		return ""
	}
	return strings.Join(all, "; ") + ". "
}
