package figure

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/study"
)

// Export is what to draw of a study, and where.
type Export struct {
	Results *study.Results
	About   Subject
	Out     string // folder of the figures and of their README.md
	Command string // that draws them again, for the README.md
}

// Save draws every figure of the Catalogue that the results hold, and README.md, which says what each shows. It returns the
// figures that could not be drawn, each with its reason.
func (x Export) Save() (missing []string, err error) {
	var drawn []Entry
	for _, e := range Catalogue {
		if reason := e.lacks(x.Results); reason != "" {
			missing = append(missing, e.Name+": "+reason)
			continue
		}
		f, err := e.Draw(x.Results, x.About)
		if errors.Is(err, errNoRecords) {
			missing = append(missing, e.Name+": "+strings.TrimPrefix(err.Error(), "figure: "))
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		if err := f.Save(x.Out); err != nil {
			return nil, err
		}
		drawn = append(drawn, e)
	}
	if _, err := os.Stat(filepath.Join(x.Out, norms.Name+".csv")); err == nil {
		drawn = append([]Entry{norms}, drawn...)
	}
	return missing, atomicfile.Write(filepath.Join(x.Out, "README.md"), func(w io.Writer) error {
		_, err := io.WriteString(w, x.readme(drawn, missing))
		return err
	})
}

// norms is drawn by notebook 1, where the embeddings are at hand.
var norms = Entry{Name: "Norms", From: "embeddings.npy", Shows: "Euclidean norms of the embeddings, drawn by notebooks/1_embeddings.ipynb."}

// OfJob is the export of a job's results into the job's figures, with paths from the top of the checkout.
func OfJob(job study.Job, r *study.Results) (Export, error) {
	about := Subject{Dataset: job.DatasetName(), Network: job.WeightsName(), Points: Indexed(r.Records)}
	from, err := filepath.Rel(job.Root, job.Dir())
	if err != nil {
		return Export{}, err
	}
	to, err := filepath.Rel(job.Root, job.Figures())
	return Export{Results: r, About: about, Out: job.Figures(), Command: CommandLine(from, to, about)}, err
}

// Indexed is how many points a run indexes, by its records: the project's index is asked about all of them.
func Indexed(records []study.Record) (points int) {
	for _, r := range records {
		points = max(points, r.Queries)
	}
	return points
}

// CommandLine is what draws the figures of a folder of records again.
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

func (x Export) readme(drawn []Entry, missing []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Figures: %s\n\n", x.About.source())
	fmt.Fprintf(&b, "This file is written by the command that draws the figures:\n\n    %s\n\n", x.Command)
	fmt.Fprintf(&b, "%s\n\n", x.About.Markdown())
	fmt.Fprintf(&b, "%s. Each figure is there as PDF, SVG and PNG, with the numbers that it plots as CSV.\nBands are 95 %% intervals of the mean over runs (Student's t).\n", inventory(x.Results.Records))
	for _, e := range drawn {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\nFrom `%s`. [PDF](%[1]s.pdf) · [SVG](%[1]s.svg) · [CSV](%[1]s.csv)\n\n![%[1]s](%[1]s.png)\n", e.Name, e.Shows, e.From)
	}
	if len(missing) > 0 {
		fmt.Fprintf(&b, "\n## Not drawn\n\n* %s\n", strings.Join(missing, "\n* "))
	}
	return b.String()
}

// inventory counts what the records hold, index by index.
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
	return strings.Join(all, "; ")
}
