package notebook_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/notebook"
	"anncapacity/lib/study"
)

// A notebook's study has the size of its job or, if there are fewer, the number of its embeddings. Its records are read from
// the job's folder.
func TestNotebookOfAJob(t *testing.T) {
	job := study.Job{Dataset: "photos", Weights: "untrained", Profile: study.Profiles[0], Root: t.TempDir()}
	nb := notebook.Notebook{Context: context.Background(), Job: job}
	if err := os.MkdirAll(job.Dir(), 0o755); err != nil {
		t.Fatal(err)
	}
	v := ann.Vectors{N: 600, D: 1, Data: make([]float32, 600)}
	if err := embedding.Write(job.Embeddings(), v, make([]embedding.Row, v.N)); err != nil {
		t.Fatal(err)
	}
	o := nb.Study("1")
	if o.Subset != 600 || len(o.Conditions) != 1 || len(o.Indexes) != 2 || nb.AboutStudy().Points != 600 || nb.About().Points != 0 {
		t.Errorf("%+v, about %+v", o, nb.AboutStudy())
	}
	record := study.Record{Index: study.IndexHNSW, K: 10}
	record.Set(fidelity.Overlap.Mean, .5)
	if err := study.WriteRecords(job.Records(), []study.Record{record}); err != nil {
		t.Fatal(err)
	}
	if got := nb.Records(); len(got) != 1 || got[0].Of(fidelity.Overlap.Mean) != .5 {
		t.Errorf("%+v", got)
	}
	if r := nb.Results(); len(r.Records) != 1 || r.Capacity != nil || r.AsPublished != nil {
		t.Errorf("%+v", r)
	}
	if got, want := nb.Path(job.Records()), filepath.Join("out", "photos-untrained-quick", "records.csv"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Command and Output run in the top folder of the checkout.
func TestCommand(t *testing.T) {
	root := t.TempDir()
	bin := filepath.Join(root, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "anncapacity"), []byte("#!/bin/sh\necho \"$@\" > asked\necho answer\necho progress >&2\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	nb := notebook.Notebook{Context: context.Background(), Job: study.Job{Root: root}}
	if got := string(nb.Output("advise")); got != "answer\n" {
		t.Errorf("the output is %q", got)
	}
	nb.Command("engines", "--k", "10")
	if got, err := os.ReadFile(filepath.Join(root, "asked")); err != nil || string(got) != "engines --k 10\n" {
		t.Errorf("asked %q, %v", got, err)
	}
}
