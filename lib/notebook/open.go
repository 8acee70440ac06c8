package notebook

import (
	"bytes"
	"context"
	"fmt"
	"io"
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

// Notebook holds the job of a notebook. Its methods end the program after an error, as must.M does.
type Notebook struct {
	Context context.Context // cancelled when the cell is interrupted
	Job     study.Job       // photographs, network, size of the study, and paths of all files
}

// Open returns the notebook of the job that the environment names (see study.JobFromEnv). It makes must.M print an error and end
// the program with status 1, and it makes the garbage collector run early.
func Open() Notebook {
	must.M = end
	memory.CollectEarly()
	return Notebook{Context: interruptible(), Job: must.M1(study.JobFromEnv())}
}

// About returns the description of the data in each figure.
func (n Notebook) About() figure.Subject {
	return figure.Subject{Dataset: n.Job.DatasetName(), Network: n.Job.WeightsName()}
}

// AboutStudy returns About with the number of points that each run of the study indexes.
func (n Notebook) AboutStudy() figure.Subject {
	about := n.About()
	about.Points = n.Study().Subset
	return about
}

// Study returns the options of the study at the job's size, on the project's index and on coder/hnsw, under the named
// conditions. Without names it has all conditions.
func (n Notebook) Study(conditions ...string) study.Options {
	o := n.Job.Options(must.M1(embedding.Open(n.Job.Embeddings())).N)
	coder := coderhnsw.Engines()[0]
	o.Conditions, o.Engines, o.Indexes = conditions, []engine.Engine{coder}, []string{study.IndexHNSW, coder.Key}
	o.Progress = os.Stdout
	return o
}

// Records returns the records of the study.
func (n Notebook) Records() []study.Record { return must.M1(study.ReadRecords(n.Job.Records())) }

// Results returns the data of all figures.
func (n Notebook) Results() *figure.Results {
	r, _ := must.M2(figure.ReadResults(n.Job.Dir()))
	return r
}

// Path returns path relative to the top folder of the checkout.
func (n Notebook) Path(path string) string { return must.M1(filepath.Rel(n.Job.Root, path)) }

// Command runs a command of bin/anncapacity in the top folder of the checkout and shows its output.
func (n Notebook) Command(arguments ...string) { n.run(os.Stdout, arguments) }

// CommandUnless is like Command, unless a file exists, which the command writes. It then names the file and does nothing.
func (n Notebook) CommandUnless(file string, arguments ...string) {
	if _, err := os.Stat(file); err == nil {
		fmt.Println(n.Path(file), "is stored; remove it to repeat this step")
		return
	}
	n.Command(arguments...)
}

// Output is Command, but returns what the command prints to standard output.
func (n Notebook) Output(arguments ...string) []byte {
	var b bytes.Buffer
	n.run(&b, arguments)
	return b.Bytes()
}

func (n Notebook) run(stdout io.Writer, arguments []string) {
	c := exec.CommandContext(n.Context, filepath.Join(n.Job.Root, "bin", "anncapacity"), arguments...)
	c.Dir, c.Stdout, c.Stderr = n.Job.Root, stdout, os.Stdout
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	err := c.Run()
	must.M(n.Context.Err())
	must.M(err)
}
