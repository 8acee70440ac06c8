package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit"
	"anncapacity/lib/embedding"
	"anncapacity/lib/indexfile"
	"anncapacity/lib/internal/interrupt"
	"anncapacity/lib/report"
)

// auditFile holds the flags of the audit of an index file.
type auditFile struct {
	index, format, embeddings, labels string
	dimensions                        int
	label                             numbers
}

func addAuditFile(flags *flag.FlagSet) *auditFile {
	f := &auditFile{}
	flags.StringVar(&f.index, "index", "", "`FILE` of an HNSW index of FAISS, hnswlib or usearch")
	flags.StringVar(&f.format, "format", "", "`format` of -index: faiss, hnswlib or usearch (default by the first bytes of the file)")
	flags.IntVar(&f.dimensions, "dimensions", 0, "`number` of dimensions of the vectors in -index; required for hnswlib, whose files do not state it")
	flags.StringVar(&f.embeddings, "embeddings", "", "`FILE` of the vectors that -index was built from: "+
		"row i is the vector with the ID i or, if the IDs are no row numbers, vector i of the file (default the vectors in -index)")
	flags.StringVar(&f.labels, "labels", "", "`FILE` of a whole number for each row, .npy or one in each line of text: "+
		"determines what the answers hold after a filter for a label")
	flags.Var(&f.label, "label", "labels to filter for, such as 3,17 (default the most frequent ones)")
	return f
}

// check checks the flags before any file is read.
func (f *auditFile) check(o auditOptions) error {
	if len(f.label) > 0 && f.labels == "" {
		return errors.New("-label: needs -labels")
	}
	if f.dimensions < 0 {
		return fmt.Errorf("-dimensions %d: must be at least 1", f.dimensions)
	}
	if f.format != "" {
		if _, err := indexfile.ParseFormat(f.format); err != nil {
			return fmt.Errorf("-%w", err)
		}
	}
	for _, in := range []input{{"index", f.index}, {"embeddings", f.embeddings}, {"labels", f.labels}} {
		if err := in.check(); in.path != "" && err != nil {
			return err
		}
	}
	return nil
}

// run audits the file.
func (f *auditFile) run(ctx context.Context, o auditOptions) (*report.Report, error) {
	a := audit.Options{
		Name: filepath.Base(f.index), K: o.K, EfSearch: o.EfSearch, Recall: o.Recall, Sample: o.Sample, Seed: o.Seed,
		Progress:   o.progress,
		LabelsName: f.labels,
	}
	for _, l := range f.label {
		a.Label = append(a.Label, int64(l))
	}
	var err error
	open := indexfile.Options{Format: indexfile.Format(f.format), Dimensions: f.dimensions, Metric: o.metric}
	if a.Index, err = interrupt.Wait(ctx, func() (*indexfile.Index, error) { return indexfile.Open(f.index, open) }); err != nil {
		return nil, hintFlags(err)
	}
	if f.embeddings != "" {
		if a.Base, err = openEmbeddings(ctx, f.embeddings); err != nil {
			return nil, err
		}
		a.BaseName = filepath.Base(f.embeddings)
	}
	if a.Queries, a.QueriesName, err = f.queries(ctx, o); err != nil {
		return nil, err
	}
	if f.labels != "" {
		if a.Labels, err = embedding.OpenLabels(f.labels); err != nil {
			return nil, err
		}
	}
	return audit.Run(ctx, a)
}

// queries returns the queries, or none if they are a sample of the points.
func (f *auditFile) queries(ctx context.Context, o auditOptions) (ann.Vectors, string, error) {
	name := o.queries
	if f.embeddings != "" || name == ownPoints {
		var err error
		if name, err = (&queryFlags{queries: o.queries}).file(f.embeddings); err != nil {
			return ann.Vectors{}, "", err
		}
	}
	if name == "" {
		return ann.Vectors{}, "", nil
	}
	v, err := openEmbeddings(ctx, name)
	return v, filepath.Base(name), err
}

// hintFlags adds the flags that an error of a file asks for.
func hintFlags(err error) error {
	switch {
	case errors.Is(err, indexfile.ErrDimensions):
		return fmt.Errorf("%w (-dimensions)", err)
	case errors.Is(err, indexfile.ErrMetric):
		return fmt.Errorf("%w (-metric)", err)
	}
	return err
}
