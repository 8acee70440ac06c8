package notebook

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/janpfeifer/must"

	"anncapacity/lib/embedding"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/coderhnsw"
	"anncapacity/lib/figure"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/study"
)

// Notebook is what the cells of a notebook work on. Its methods end the program at an error, as must.M does.
type Notebook struct {
	Context context.Context // ends when the cell is interrupted
	Job     study.Job       // names the photographs, the network, the size of the study and the places of all files
}

// Open returns the notebook of the job that the environment names (study.JobFromEnv). From then on the program ends at the
// first error that must.M is given: with the error's text and status 1, and collects
// its garbage early.
func Open() Notebook {
	must.M = end
	memory.CollectEarly()
	return Notebook{Context: interruptible(), Job: must.M1(study.JobFromEnv())}
}

// About returns what each figure says of its data.
func (n Notebook) About() figure.Subject {
	return figure.Subject{Dataset: n.Job.DatasetName(), Network: n.Job.WeightsName()}
}

// AboutStudy returns About with the number of points that a run of the study indexes.
func (n Notebook) AboutStudy() figure.Subject {
	about := n.About()
	about.Points = n.Study().Subset
	return about
}

// Study returns the study at the job's size, on the project's index and on coder/hnsw, under the named conditions; without
// a name under all.
func (n Notebook) Study(conditions ...string) study.Options {
	o := n.Job.Options(must.M1(embedding.Open(n.Job.Embeddings())).N)
	coder := coderhnsw.Engines()[0]
	o.Conditions, o.Engines, o.Indexes = conditions, []engine.Engine{coder}, []string{study.IndexHNSW, coder.Key}
	o.Progress = os.Stdout
	return o
}

// Records returns what the study has measured.
func (n Notebook) Records() []study.Record { return must.M1(study.ReadRecords(n.Job.Records())) }

// Results returns everything that figures are drawn from.
func (n Notebook) Results() *figure.Results {
	r, _ := must.M2(figure.ReadResults(n.Job.Dir()))
	return r
}

// Path returns a path from the top of the checkout.
func (n Notebook) Path(path string) string { return must.M1(filepath.Rel(n.Job.Root, path)) }

// Command runs a command of bin/anncapacity at the top of the checkout and shows what it prints.
func (n Notebook) Command(arguments ...string) {
	c := exec.CommandContext(n.Context, filepath.Join(n.Job.Root, "bin", "anncapacity"), arguments...)
	c.Dir, c.Stdout, c.Stderr = n.Job.Root, os.Stdout, os.Stdout
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	err := c.Run()
	must.M(n.Context.Err())
	must.M(err)
}
